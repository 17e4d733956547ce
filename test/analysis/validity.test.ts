import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// The programs of `npm run validity`, on the sources instead of on what is built.
process.env.SCREENTEST_CODE = fileURLToPath(new URL('../../src', import.meta.url));
const program = (name: string) => import(new URL(`../../validity/${name}.js`, import.meta.url).href);
const { plan, SEED } = await program('plan');
const { simulate } = await program('simulate');
const { errorOfEach, judge } = await program('judge');

interface Claim {
  readonly method: string;
  readonly key: string;
}
interface Scenario {
  readonly id: string;
  readonly data: string;
  readonly claims: readonly Claim[];
  /** Tests of the short run; 0: not part of it. */
  readonly short: number;
}

const short = (plan as readonly Scenario[]).filter((scenario) => scenario.short > 0);
const { error } = errorOfEach(short);

describe('a short, seeded run of `npm run validity`, in the bands that the number of tests allows', () => {
  it.each(short)('$id: $data, $short tests', (scenario) => {
    const found = simulate(scenario, SEED, 0, scenario.short);
    for (const claim of scenario.claims) {
      const { verdict, rate, band } = judge(claim, found.get(claim.key), error);
      expect(verdict, `${claim.method}: ${rate} in ${band}`).toBe('holds');
    }
  });
});

describe('the plan', () => {
  it('names every scenario once', () => {
    const ids = (plan as readonly Scenario[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives the same figures in parts as in one', async () => {
    const { merge } = await program('tally');
    const [scenario] = short;
    const whole = simulate(scenario, SEED, 0, 40);
    const parts = [simulate(scenario, SEED, 0, 15), simulate(scenario, SEED, 15, 40)];
    expect([...merge(parts)]).toEqual([...merge([whole])]);
  });

  it.each([
    { kind: 'nominal', hits: 700, verdict: 'fails' },
    { kind: 'nominal', hits: 300, verdict: 'fails' },
    { kind: 'nominal', hits: 540, verdict: 'holds' },
    { kind: 'at-most', hits: 10, verdict: 'holds' },
    { kind: 'at-most', hits: 700, verdict: 'fails' },
    { kind: 'above', hits: 540, verdict: 'fails' },
    { kind: 'above', hits: 700, verdict: 'holds' },
    { kind: 'never', hits: 1, verdict: 'fails' },
    { kind: 'measured', hits: 700, verdict: 'outside' },
  ])('$hits of 10,000 against a $kind 5 %: $verdict', ({ kind, hits, verdict }) => {
    const entry = { n: 10_000, hits, refused: 0, sum: 0, squares: 0, expected: 0, variance: 0 };
    expect(judge({ kind, expected: 0.05 }, entry, 0.01 / 250).verdict).toBe(verdict);
  });

  it('fails where nothing could be computed', () => {
    expect(judge({ kind: 'nominal', expected: 0.05 }, undefined, 0.001).verdict).toBe('fails');
  });
});
