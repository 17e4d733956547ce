import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readDataset } from '../../src/files/read-dataset.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-tweetings-'));
afterAll(() => rmSync(base, { recursive: true }));

let folders = 0;
function folderOf(files: Record<string, string | Buffer>): string {
  const folder = join(base, `set-${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const MOVIES = `0110912::Pulp Fiction (1994)::Crime|Thriller
0002844::Fantômas - À l'ombre de la "guillotine" (1913)::
0004936::The Bank (1915)::Comedy
`;
const RATINGS = `1::0110912::9::300
2::0004936::0::100
2::0110912::10::200
`;

test('reads titles and ratings; two points are a star, nobody weighs nothing', async () => {
  const { catalogue, interactions, ratings, userIds, notes } = await readDataset(
    folderOf({ 'movies.dat': MOVIES, 'ratings.dat.gz': gzipSync(RATINGS), 'users.dat': '1::177651718\n' }),
  );
  expect(catalogue.ids).toEqual(['0110912', '0002844', '0004936']);
  expect(catalogue.names[1]).toBe('Fantômas - À l\'ombre de la "guillotine"');
  expect([...catalogue.year]).toEqual([1994, 1913, 1915]);
  expect(catalogue.genres).toEqual(['Comedy', 'Crime', 'Thriller']);
  expect([...catalogue.genreMask]).toEqual([0b110, 0, 0b001]);
  expect(userIds).toEqual(['1', '2']);
  expect([...interactions.users]).toEqual([1, 1, 0]);
  expect([...interactions.at]).toEqual([100_000, 200_000, 300_000]);
  expect([...ratings]).toEqual([0.5, 5, 4.5]);
  expect(notes).toEqual([]);
});

test.each<[string, Record<string, string | Buffer>, RegExp]>([
  [
    'no ratings file',
    { 'movies.dat': MOVIES },
    /ratings\.dat: is missing; put ratings\.dat or ratings\.dat\.gz/,
  ],
  ['an empty file', { 'movies.dat': MOVIES, 'ratings.dat': '' }, /ratings\.dat: has no ratings/],
  [
    'a short row',
    { 'movies.dat': MOVIES, 'ratings.dat': '1::0110912::9\n' },
    /ratings\.dat:1: 3 fields; expected 4/,
  ],
  [
    'a rating out of range',
    { 'movies.dat': MOVIES, 'ratings.dat': '1::0110912::11::1\n' },
    /ratings\.dat:1: rating `11`; expected 0 to 10/,
  ],
  [
    'an unknown title',
    { 'movies.dat': MOVIES, 'ratings.dat': '1::7::9::1\n' },
    /ratings\.dat:1: movie 7 is not in movies\.dat/,
  ],
  [
    'a bad timestamp',
    { 'movies.dat': MOVIES, 'ratings.dat': '1::0110912::9::now\n' },
    /ratings\.dat:1: timestamp `now`/,
  ],
  [
    'a title twice',
    { 'movies.dat': MOVIES + MOVIES, 'ratings.dat': RATINGS },
    /movies\.dat:4: movie 0110912 occurs twice/,
  ],
  [
    'ratings of another scale',
    { 'movies.dat': MOVIES, 'ratings.dat': '1::0110912::5::1\n' },
    /ratings\.dat: has no rating above 5;.* scale the ratings by 2/,
  ],
  ['no known format', { 'titles.txt': '' }, /neither movies\.csv nor u\.item is here, nor movies\.dat/],
])('%s is an error that names file, line and mend', async (_, files, message) => {
  await expect(readDataset(folderOf(files))).rejects.toThrow(message);
});

const shared =
  process.env.SCREENTEST_SHARED ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
const real = join(shared, 'data/movietweetings-100k');
if (!existsSync(real)) console.warn(`skipped: real MovieTweetings ratings are not at ${real}`);

test.skipIf(!existsSync(real))('the real 100K snapshot', async () => {
  const { catalogue, interactions, userIds, ratings } = await readDataset(real);
  // gzip -dc ratings.dat.gz | awk -F:: '{print $1, $2}' | sort -u | wc -l; cut -d: -f1 | sort -u | wc -l; movies.dat.gz | wc -l
  expect([interactions.count, userIds.length, catalogue.size, catalogue.genres.length]).toEqual([
    100000, 16554, 10506, 25,
  ]);
  expect([Math.min(...ratings), Math.max(...ratings)]).toEqual([0.5, 5]);
});
