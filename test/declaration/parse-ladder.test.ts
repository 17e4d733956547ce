import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseLadder } from '../../src/declaration/parse-ladder.ts';
import { stageDefinitions } from '../../src/variants/registry.ts';

const path = fileURLToPath(new URL('../../evaluation/ladder.yaml', import.meta.url));
const parse = (text: string) => parseLadder({ path: 'ladder.yaml', text }, stageDefinitions, ['two-tower']);

test('the shipped ladder is valid, and each step names one above it', () => {
  const parsed = parse(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const names = parsed.steps.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['mf-only', 'content-only', 'ease-only', 'blend', 're-ranked']),
  );
  for (const { name, against } of parsed.steps)
    if (against !== undefined) expect(names.indexOf(against)).toBeLessThan(names.indexOf(name));
});

const file = (body: string) => `apiVersion: screentest/v1\npipelines:\n  one:\n${body}`;
const fill = '      - fill: {take: 20}\n';
const candidates = '      - candidates: {sources: [{ials: 200}]}\n';

test.each<[string, string, string, number]>([
  [
    'an unknown stage',
    file(`    pipeline:\n${candidates}      - blond: {}\n${fill}`),
    'is not a known stage',
    6,
  ],
  ['no stage that fills', file(`    pipeline:\n${candidates}`), 'fills the slots', 4],
  [
    'a model that nobody loads',
    file(`    pipeline:\n${candidates}      - score: {model: deep}\n${fill}`),
    'there is no model deep',
    6,
  ],
  [
    'a step against none',
    file(`    against: two\n    pipeline:\n${candidates}${fill}`),
    'there is no other pipeline two',
    4,
  ],
  [
    'a step against itself',
    file(`    against: one\n    pipeline:\n${candidates}${fill}`),
    'there is no other pipeline one',
    4,
  ],
  ['no YAML', 'pipelines: [', 'YAML', 1],
])('%s is refused with its line', (_, text, problem, line) => {
  const parsed = parse(text);
  if (parsed.ok) throw new Error('it was taken');
  const error = parsed.errors.find((one) => one.problem.includes(problem));
  expect(error, JSON.stringify(parsed.errors)).toBeDefined();
  expect(error!.line).toBe(line);
});
