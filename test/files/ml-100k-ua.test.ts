import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { prepare } from '../../src/prepare.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-ua-'));
afterAll(() => rmSync(base, { recursive: true }));

const GENRES = 19;
const USERS = 40;
const TITLES = 50;

/** A folder in the format of ml-100k: two groups of users who like titles of their own group; ten ratings each in the test. */
function writeFolder(): string {
  const folder = join(base, 'ml-100k');
  mkdirSync(folder);
  const items = Array.from({ length: TITLES }, (_, title) => {
    const flags = Array.from({ length: GENRES }, (_, genre) => (genre === 1 + (title % 2) ? 1 : 0));
    return `${title + 1}|Title ${title + 1} (1995)|01-Jan-1995||http://example.com/|${flags.join('|')}`;
  });
  const line = (user: number, title: number, at: number): string =>
    `${user + 1}\t${title + 1}\t${user % 2 === title % 2 ? 5 : 2}\t${at}`;
  const train: string[] = [];
  const late: string[] = [];
  for (let user = 0; user < USERS; user++) {
    for (let turn = 0; turn < 30; turn++) {
      const title = (user * 7 + turn) % TITLES;
      (turn < 20 ? train : late).push(line(user, title, 1000 * user + turn));
    }
  }
  writeFileSync(join(folder, 'u.item'), `${items.join('\n')}\n`);
  writeFileSync(join(folder, 'ua.base'), `${train.join('\n')}\n`);
  writeFileSync(join(folder, 'ua.test'), `${late.join('\n')}\n`);
  return folder;
}

test('the official split is trained on ua.base alone and judged by the ratings of 4 and more in ua.test', async () => {
  const dataFolder = writeFolder();
  const options = { dataFolder, cacheFolder: join(base, 'cache'), viewers: 100, seed: 1 };
  const { known, history, heldOut, positiveWeight } = await prepare({ ...options, protocol: 'ml-100k-ua' });
  expect([known.count, history.count, positiveWeight]).toEqual([USERS * 20, USERS * 20, 0.8]);
  expect(heldOut.count).toBe(USERS * 5);
  expect([...heldOut.weights].every((weight) => weight === 1)).toBe(true);
});

test('a folder without the official files says what to put there', async () => {
  const dataFolder = join(base, 'empty');
  mkdirSync(dataFolder);
  const options = { dataFolder, cacheFolder: join(base, 'cache'), viewers: 100, seed: 1 };
  await expect(prepare({ ...options, protocol: 'ml-100k-ua' })).rejects.toThrow(
    'u.item and ua.base and ua.test are not here; unpack ml-100k.zip',
  );
});
