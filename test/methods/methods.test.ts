import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { METHODS } from '../../src/methods/methods.ts';
import { expectNear } from '../analysis/vectors.ts';

interface Case {
  readonly method: string;
  readonly input: unknown;
  /** Path in the answer -> value. */
  readonly expected: Readonly<Record<string, number>>;
}
const vectors: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../cases/methods.json', import.meta.url), 'utf8'),
);

const method = (name: string) => METHODS.find((candidate) => candidate.name === name)!;
const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);

describe('methods by name', () => {
  it.each(vectors.cases.map((entry, i) => [entry.method, i, entry] as const))('%s %i', (_, __, entry) => {
    const answer = method(entry.method).compute(entry.input);
    for (const [path, value] of Object.entries(entry.expected)) {
      const loose = /(^|\.)(p|log10P)$/.test(path);
      expectNear(at(answer, path) as number, value, loose ? 1e-6 : 1e-9);
    }
  });

  it('has different names, and an answer that fits its own output schema', () => {
    expect(new Set(METHODS.map(({ name }) => name)).size).toBe(METHODS.length);
    for (const { method: name, input } of vectors.cases) {
      const { ok, ...answer } = method(name).compute(input);
      const validate = new Ajv({ strict: false }).compile(method(name).output);
      expect(ok, name).toBe(true);
      expect(validate(answer), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  it('has a vector for most methods, and a description and a paper for each', () => {
    for (const { name, description, paper } of METHODS) {
      expect(description.length, name).toBeGreaterThan(20);
      expect(paper.length, name).toBeGreaterThan(5);
    }
  });

  it.each([
    [
      'welch',
      { treatment: { n: 1, mean: 1, variance: 1 }, control: { n: 9, mean: 2, variance: 1 } },
      /at least 2 units/,
    ],
    [
      'welch',
      { treatment: { n: 9, mean: 1, variance: 0 }, control: { n: 9, mean: 2, variance: 0 } },
      /neither arm varies/,
    ],
    ['describe', { values: [] }, /at least 2 values/],
    ['wilson', { successes: 0, trials: 0 }, /at least 1 trial/],
    ['wilson', { successes: 3, trials: 2 }, /3 successes in 2 trials/],
    [
      'ratio',
      { treatment: { numerators: [1], denominators: [] }, control: { numerators: [1], denominators: [1] } },
      /1 numerators and 0/,
    ],
    [
      'sample-ratio',
      {
        arms: [
          { arm: 'a', units: 3, weight: 0 },
          { arm: 'b', units: 2, weight: 1 },
        ],
      },
      /weight 0/,
    ],
    ['group-sequential', { information: [1, 0.5], spending: 'pocock' }, /fall/],
    ['shrinkage', { effects: [{ estimate: 1, standardError: 1 }] }, /at least 2 segments/],
    ['preference-sign', { firstWins: 0, secondWins: 0 }, /no unit/],
  ])('%s says why it cannot compute %j', (name, input, reason) => {
    const answer = method(name).compute(input);
    expect(answer).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
    expect(answer).not.toHaveProperty('invalid');
  });

  it.each([
    ['welch', {}, 'input has no treatment'],
    [
      'welch',
      { treatment: { n: -1, mean: 1, variance: 1 }, control: { values: [1, 2] } },
      'input.treatment.n must be >= 0',
    ],
    [
      'welch',
      { treatment: { n: 1, mean: 1 }, control: { values: [1, 2] } },
      /^input\.treatment must be \{n, mean, variance\}/,
    ],
    [
      'welch',
      { treatment: { values: [1, 'x'] }, control: { values: [1, 2] } },
      'input.treatment.values[1] must be number',
    ],
    ['wilson', { successes: 1, trials: 2, alfa: 0.1 }, 'input has alfa, which is not known'],
    ['holm', { p: [2] }, /^input\.p\[0\]/],
    [
      'relative',
      { method: 'bayes', treatment: { values: [1, 2] }, control: { values: [1, 2] } },
      'input.method must be one of fieller, delta, log',
    ],
    ['normal-tail', null, 'input must be object'],
  ])('%s tells the place of a mistake in %j', (name, input, reason) => {
    const answer = method(name).compute(input);
    expect(answer).toMatchObject({ ok: false, invalid: true });
    const told = (answer as { reason: string }).reason;
    if (typeof reason === 'string') expect(told).toBe(reason);
    else expect(told).toMatch(reason);
  });

  it('never answers NaN or a p of 0 without its logarithm', () => {
    const far = method('normal-tail').compute({ z: 200 });
    expect(far).toMatchObject({ ok: true, p: 0 });
    expectNear((far as unknown as { log10P: number }).log10P, -8688.589768851562, 1e-9);
    const unbounded = method('relative').compute({
      treatment: { n: 100, mean: 1, variance: 1 },
      control: { n: 100, mean: 0.1, variance: 1 },
    });
    expect(unbounded).toMatchObject({ ok: true, interval: [null, null], note: expect.any(String) });
  });
});
