import { cpSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LiveConfiguration, openLiveConfiguration } from '../../src/control/live-configuration.ts';
import { parseInChild } from '../../src/files/parse-in-child.ts';

let root: string;
let folder: string;
let open: LiveConfiguration[];
let notes: string[];
let against: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'screentest-configuration-'));
  folder = join(root, 'experiments');
  cpSync(join(import.meta.dirname, '..', '..', 'experiments'), folder, { recursive: true });
  [open, notes, against] = [[], [], []];
});
afterEach(async () => {
  for (const one of open) one.close();
  await rm(root, { recursive: true, force: true });
});

async function start(follow = false): Promise<LiveConfiguration> {
  const one = await openLiveConfiguration({
    folder,
    keptIn: join(root, 'kept'),
    parse: parseInChild,
    against: () => against,
    follow,
    note: (text) => notes.push(text),
  });
  open.push(one);
  return one;
}
const file = () => join(folder, 'homepage-aa.yaml');
const edit = (from: string | RegExp, to: string) =>
  writeFileSync(file(), readFileSync(file(), 'utf8').replace(from, to));
const generations = () =>
  readdirSync(join(root, 'kept'))
    .filter((name) => name.endsWith('.generation'))
    .sort();
const ownerIn = (one: LiveConfiguration) =>
  one.current().experiments.find(({ key }) => key === 'homepage-aa')!.owner;

test('what is good is taken as a whole, and other processes follow', async () => {
  const [one, other] = [await start(), await start(true)];
  const before = one.current();
  expect(await one.reload()).toEqual({ ok: true, version: before.version, changed: false });
  expect(one.current()).toBe(before);
  edit('owner: experimentation', 'owner: somebody');
  expect(await one.reload()).toMatchObject({ ok: true, changed: true });
  expect(ownerIn(one)).toBe('somebody');
  while (ownerIn(other) !== 'somebody') await sleep(10);
  expect(other.current().version).toBe(one.current().version);
  expect(one.stats()).toEqual({ generation: 2, refused: false });
  expect(generations()).toHaveLength(2);
});

test.each([
  ['broken', () => edit('weight: 50', 'weight: many'), 'homepage-aa.yaml'],
  ['half saved', () => truncateSync(file(), 300), 'homepage-aa.yaml'],
  ['hostile', () => writeFileSync(file(), `a: ${'['.repeat(20_000)}`), 'nested too deeply'],
  ['gone', () => writeFileSync(join(folder, 'surfaces.yaml'), ''), 'surfaces.yaml'],
])('a folder that is %s is refused while it serves and at a start', async (_title, damage, told) => {
  const before = (await start()).current();
  damage();
  const read = await open[0]!.reload();
  expect(read.ok).toBe(false);
  expect(open[0]!.refused().join()).toContain(told);
  expect(open[0]!.current()).toBe(before);

  const again = await start();
  expect(again.current()).toEqual(before);
  expect(again.stats().refused).toBe(true);
  expect(notes.join()).toContain('The last good declarations are served');
  expect((await start(true)).refused().join()).toContain(told);
});

test('what would break a promise is refused, and taken once it no longer does', async () => {
  const one = await start();
  edit('owner: experimentation', 'owner: somebody');
  against = ['users would move'];
  expect(await one.reload()).toEqual({ ok: false, mistakes: ['users would move'] });
  expect(ownerIn(one)).toBe('experimentation');
  against = [];
  expect(await one.reload()).toMatchObject({ ok: true, changed: true });
  expect(one.refused()).toEqual([]);
});

test('without anything good every mistake is told', async () => {
  edit('weight: 50', 'weight: many');
  await expect(start()).rejects.toThrow('homepage-aa.yaml');
});

test('a damaged generation is told of, and the one before it is served where the folder is broken too', async () => {
  const one = await start();
  edit('owner: experimentation', 'owner: somebody');
  await one.reload();
  one.close();
  truncateSync(join(root, 'kept', generations().at(-1)!), 100);
  edit('weight: 50', 'weight: many');
  expect(ownerIn(await start())).toBe('experimentation');
  expect(notes.join()).toContain('is damaged');
});
