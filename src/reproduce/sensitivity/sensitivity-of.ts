import { seeded } from '../../analysis/numbers/seeded.ts';
import type { ClickModelName } from '../../simulation/click-model.ts';
import { type BothWays, neededUsers, type Sizes, TESTED } from './needed-users.ts';
import type { Needed, SensitivityRow } from './sensitivity-table.ts';

/** The users needed under one click model, with the error that comes of having measured on so many viewers only. */
export function sensitivityOf(
  clickModel: ClickModelName,
  measured: BothWays,
  question: { readonly alpha: number; readonly power: number },
  resamples: number,
  seed: number,
): SensitivityRow {
  const viewers = measured.credit.length;
  const whole = neededUsers(
    measured,
    Int32Array.from({ length: viewers }, (_, row) => row),
    question,
  );
  const random = seeded(seed);
  const drawn = new Int32Array(viewers);
  const replicates = Array.from({ length: resamples }, () => {
    // The same viewers of all three: what they have in common is no error of the ratio.
    for (let i = 0; i < viewers; i++) drawn[i] = Math.floor(random() * viewers);
    return neededUsers(measured, drawn, question, whole);
  });
  const needed = (of: (sizes: Sizes) => number): Needed => ({
    users: finite(of(whole)),
    ...percentiles(replicates.map(of)),
  });
  return {
    clickModel,
    tests: TESTED.map((metric, i) => ({
      metric,
      effect: whole.effects[i]!,
      needed: needed(({ tests }) => tests[i]!),
      ratio: needed(({ tests, interleaving }) =>
        interleaving === Number.POSITIVE_INFINITY ? 0 : tests[i]! / interleaving,
      ),
    })),
    interleaving: {
      decided: whole.decided,
      preferred: whole.preferred,
      needed: needed(({ interleaving }) => interleaving),
    },
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** 2.5 % and 97.5 %; where no number of users would do, the end is open. */
function percentiles(values: readonly number[]): Pick<Needed, 'low' | 'high'> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number) => finite(sorted[Math.round(p * (sorted.length - 1))]!);
  return { low: at(0.025), high: at(0.975) };
}
