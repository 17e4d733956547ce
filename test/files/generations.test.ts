import { mkdtempSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readGenerations, saveGeneration } from '../../src/files/generations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'screentest-generations-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = () => readdirSync(folder).sort();

test('the newest is read, the one before it is kept, older ones are gone', async () => {
  expect(await readGenerations(join(folder, 'none'))).toEqual({ newest: undefined, damaged: [] });
  for (const number of [1, 2, 5]) await saveGeneration(folder, { number, text: `of ${number}` });
  expect(await readGenerations(folder)).toEqual({ newest: { number: 5, text: 'of 5' }, damaged: [] });
  expect(files()).toHaveLength(2);
  await saveGeneration(folder, { number: 3, text: 'late' });
  expect((await readGenerations(folder)).newest).toEqual({ number: 5, text: 'of 5' });
});

test.each([
  ['cut off', (path: string) => truncateSync(path, 40)],
  ['emptied', (path: string) => truncateSync(path, 0)],
  [
    'with another letter',
    (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'twp')),
  ],
])('one that is %s is named, and the one before it is read', async (_title, damage) => {
  await saveGeneration(folder, { number: 1, text: 'one' });
  await saveGeneration(folder, { number: 2, text: 'two' });
  const path = join(folder, files()[1]!);
  damage(path);
  expect(await readGenerations(folder)).toEqual({ newest: { number: 1, text: 'one' }, damaged: [path] });
});

test('what a killed process left is removed once it is a minute old', async () => {
  const [old, young] = [`${'0'.repeat(15)}1.generation.77.tmp`, `${'0'.repeat(15)}2.generation.77.tmp`];
  for (const name of [old, young]) writeFileSync(join(folder, name), 'half');
  utimesSync(join(folder, old), 0, 0);
  await saveGeneration(folder, { number: 3, text: 'three' });
  expect(files()).toEqual([young, `${'0'.repeat(15)}3.generation`]);
});
