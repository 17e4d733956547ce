import { phaseAt, phaseStarts } from '../assignment/allocation.ts';
import type { Declarations, Experiment } from '../declarations.ts';

/**
 * What new declarations would break of what was promised to users of experiments that have begun: within an iteration nobody's variant
 * moves, and raising a ramp only adds users.
 *
 * @param at epoch ms; of experiments that begin later nothing was promised yet
 * @returns one sentence each, with the mend
 */
export function brokenPromises(before: Declarations, after: Declarations, at: number): string[] {
  const layers = (of: Declarations, name: string) => of.layers.find((layer) => layer.name === name);
  return before.experiments.flatMap((old) => {
    if (old.startMs > at) return [];
    const now = after.experiments.find(({ key }) => key === old.key);
    if (now === undefined || now.iteration > old.iteration) return [];
    const mend = `raise its iteration above ${old.iteration}, or restore what it was`;
    const broken = (what: string) => `${now.source.file}: ${old.key} has begun and ${what}; ${mend}`;
    if (now.iteration < old.iteration) return [broken('goes back to an earlier iteration')];
    const layerOf = (of: Declarations) =>
      JSON.stringify([layers(of, old.layer.name)?.salt, layers(of, old.layer.name)?.holdout]);
    const checks: readonly (readonly [boolean, string])[] = [
      [split(now) === split(old), 'its variants or weights change'],
      [now.control === old.control, 'its control changes'],
      [now.design === old.design, 'its design changes'],
      [
        now.layer.name === old.layer.name && layerOf(after) === layerOf(before),
        'its layer, the salt of it or its holdout changes',
      ],
      [now.layer.from <= old.layer.from && now.layer.to >= old.layer.to, 'its slice loses users'],
      [now.startMs <= at, 'its start moves into the future'],
      [shareAt(now, at) >= shareAt(old, at), 'its ramp loses users'],
    ];
    return checks.flatMap(([kept, what]) => (kept ? [] : [broken(what)]));
  });
}

const split = ({ variants }: Experiment): string =>
  JSON.stringify(variants.map(({ key, weight }) => [key, weight]));

function shareAt({ startMs, ramp }: Experiment, at: number): number {
  return ramp[phaseAt(phaseStarts(startMs, ramp), at)]?.share ?? 0;
}
