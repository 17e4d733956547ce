import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { METHODS } from '../../src/methods/methods.ts';
import { EXAMPLES } from './examples.ts';

/** What nobody means, put in the place of every part of an input that can be computed. */
const NONSENSE: readonly unknown[] = [
  ...[0, 1, 2, -1, 0.5, 1e308, -1e308, 1e155, 1e-320, 1e-155, 2 ** 53 + 2, Infinity, NaN],
  ...[null, 'x', [], {}, [1], [1e308, 1e308, -1e308], [0, 0, 0, 0]],
];

const vectors: { readonly cases: readonly { readonly method: string; readonly input: unknown }[] } =
  JSON.parse(readFileSync(new URL('../cases/methods.json', import.meta.url), 'utf8'));

/** The input with each of its parts in turn replaced: at most the first and the last entry of a list. */
function* mutations(input: unknown): Generator<unknown> {
  yield* NONSENSE;
  if (typeof input !== 'object' || input === null) return;
  const entries = Object.entries(input);
  const parts = Array.isArray(input) && entries.length > 2 ? [entries[0]!, entries.at(-1)!] : entries;
  for (const [key, part] of parts) {
    for (const changed of mutations(part)) {
      yield Array.isArray(input) ? input.with(Number(key), changed) : { ...input, [key]: changed };
    }
  }
}

/** Every effect in an answer. */
function effectsOf(answer: unknown): Record<string, unknown>[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const own = 'interval' in answer && 'p' in answer ? [answer as Record<string, unknown>] : [];
  return [...own, ...Object.values(answer).flatMap(effectsOf)];
}

describe('methods given nonsense', () => {
  it.each(METHODS.map((method) => [method.name, method] as const))(
    '%s answers or says why not',
    (name, method) => {
      const example = EXAMPLES[name] ?? vectors.cases.find((entry) => entry.method === name)?.input;
      expect(method.compute(example), JSON.stringify(example)).toMatchObject({ ok: true });
      const fits = new Ajv({ strict: false, strictNumbers: true }).compile(method.output);
      for (const input of mutations(example)) {
        const answer = method.compute(input);
        const told = () => `${JSON.stringify(input)} -> ${JSON.stringify(answer)}`;
        if (!answer.ok) {
          if (!/^(?!.*(NaN|undefined|Infinity|typed array)).+/.test(answer.reason)) expect.fail(told());
          continue;
        }
        const { ok, ...rest } = answer;
        if (!fits(rest)) expect.fail(told());
        for (const { p, log10P, interval, note } of effectsOf(rest)) {
          if (typeof p === 'number' && !(p >= 0 && p <= 1)) expect.fail(told());
          if (p === 0 && log10P === null) expect.fail(told());
          if ((interval as unknown[]).includes(null) && note === undefined) expect.fail(told());
        }
      }
    },
  );
});
