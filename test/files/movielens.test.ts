import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readMl100kSplit, readMovieLens } from '../../src/files/movielens.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-movielens-'));
afterAll(() => rmSync(base, { recursive: true }));

let folders = 0;
function folderOf(files: Record<string, string | Buffer>): string {
  const folder = join(base, `set-${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const MOVIES = `movieId,title,genres
10,Toy Story (1995),Animation|Comedy
20,"American President, The (1995)",Comedy
30,Untitled,(no genres listed)
40,Babylon 5 (1993-1998),Sci-Fi
`;
const RATINGS = `userId,movieId,rating,timestamp
7,20,4.5,200
3,10,0.5,100
7,10,5,100
7,10,3,300
`;

describe('ml-latest', () => {
  test('reads titles, ratings and tags into columns', async () => {
    const tags = 'userId,movieId,tag,timestamp\n7,30,"quiet, slow",5\n';
    const dataset = await readMovieLens(
      folderOf({ 'movies.csv': MOVIES, 'ratings.csv.gz': gzipSync(RATINGS), 'tags.csv': tags }),
    );
    const { catalogue, interactions } = dataset;
    expect(catalogue.ids).toEqual(['10', '20', '30', '40']);
    expect(catalogue.names).toEqual(['Toy Story', 'American President, The', 'Untitled', 'Babylon 5']);
    expect([...catalogue.year]).toEqual([1995, 1995, 0, 1993]);
    expect(catalogue.genres).toEqual(['Animation', 'Comedy', 'Sci-Fi']);
    expect([...catalogue.genreMask]).toEqual([0b011, 0b010, 0, 0b100]);
    expect([...catalogue.primaryGenre]).toEqual([0, 1, 255, 2]);
    expect(catalogue.text[2]).toBe('Untitled quiet, slow');
    expect(dataset.userIds).toEqual(['7', '3']);
    // By time; of the title rated twice the latest counts.
    expect([...interactions.users]).toEqual([1, 0, 0]);
    expect([...interactions.titles]).toEqual([0, 1, 0]);
    expect([...interactions.at]).toEqual([100_000, 200_000, 300_000]);
    expect([...dataset.ratings]).toEqual([0.5, 4.5, 3]);
    expect(dataset.notes).toEqual([
      'ratings.csv.gz: 1 rating of titles that the user rated again later is left out',
    ]);
    expect(interactions.weights[0]).toBeCloseTo(0.1, 6);
    expect(await readMovieLens(folderOf({ 'movies.csv': MOVIES, 'ratings.csv': RATINGS }))).toMatchObject({
      userIds: ['7', '3'],
    });
  });

  test.each<[string, string, number[]]>([
    ['an earlier one after a later one', '7,10,5,300\n7,10,1,100\n', [5]],
    ['the later line of one moment', '7,10,5,100\n7,10,1,100\n', [1]],
    ['of one title by two users', '7,10,5,100\n8,10,1,100\n', [5, 1]],
  ])('duplicate ratings: %s', async (_, rows, stars) => {
    const ratings = `userId,movieId,rating,timestamp\n${rows}`;
    const dataset = await readMovieLens(folderOf({ 'movies.csv': MOVIES, 'ratings.csv': ratings }));
    expect([...dataset.ratings]).toEqual(stars);
    expect(dataset.notes).toHaveLength(2 - stars.length);
  });

  test('a catalogue without genres can be used and is told', async () => {
    const movies = MOVIES.replace(/,[^,]*$/gm, ',(no genres listed)').replace(
      /^.*\n/,
      'movieId,title,genres\n',
    );
    const { catalogue, notes } = await readMovieLens(
      folderOf({ 'movies.csv': movies, 'ratings.csv': RATINGS.replace('7,10,3,300\n', '') }),
    );
    expect(catalogue.genres).toEqual([]);
    expect([...catalogue.primaryGenre]).toEqual([255, 255, 255, 255]);
    expect(notes).toEqual([expect.stringContaining('no title has a genre')]);
  });

  const whole = gzipSync(RATINGS);
  test.each<[string, Record<string, string | Buffer>, RegExp]>([
    ['an empty folder', {}, /neither movies\.csv nor u\.item is here, nor movies\.dat; give a folder/],
    [
      'no ratings file',
      { 'movies.csv': MOVIES },
      /ratings\.csv: is missing; put ratings\.csv or ratings\.csv\.gz/,
    ],
    [
      'another header',
      { 'movies.csv': MOVIES, 'ratings.csv': 'user,movie\n1,2\n' },
      /ratings\.csv:1: header is `user,movie`; expected `userId,movieId,rating,timestamp`/,
    ],
    ['an empty file', { 'movies.csv': '', 'ratings.csv': RATINGS }, /movies\.csv:1: is empty/],
    [
      'only a header',
      { 'movies.csv': MOVIES, 'ratings.csv': 'userId,movieId,rating,timestamp\n' },
      /ratings\.csv: has no ratings/,
    ],
    [
      'a short row',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,4\n` },
      /ratings\.csv:6: 3 fields; expected 4/,
    ],
    [
      'a rating out of range',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,5.5,1\n` },
      /ratings\.csv:6: rating `5\.5`; expected 0\.5 to 5 stars/,
    ],
    [
      'a rating that is no number',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,good,1\n` },
      /ratings\.csv:6: rating `good`/,
    ],
    [
      'a bad timestamp',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,4,yesterday\n` },
      /ratings\.csv:6: timestamp `yesterday`/,
    ],
    [
      'a rating below the scale',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,0,1\n` },
      /ratings\.csv:6: rating `0`; expected 0\.5 to 5 stars/,
    ],
    [
      'an empty rating',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10, ,1\n` },
      /ratings\.csv:6: rating ` `; expected/,
    ],
    [
      'a negative timestamp',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,10,4,-1\n` },
      /ratings\.csv:6: timestamp `-1`; expected seconds since 1970/,
    ],
    [
      'a rating by nobody',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS},10,4,1\n` },
      /ratings\.csv:6: the user id is empty/,
    ],
    [
      'no titles',
      { 'movies.csv': 'movieId,title,genres\n', 'ratings.csv': RATINGS },
      /ratings\.csv:2: movie 20 is not in movies\.csv/,
    ],
    [
      'tags of an unknown title',
      {
        'movies.csv': MOVIES,
        'ratings.csv': RATINGS,
        'tags.csv': 'userId,movieId,tag,timestamp\n7,99,x,5\n',
      },
      /tags\.csv:2: movie 99 is not in movies\.csv/,
    ],
    [
      'no archive',
      { 'movies.csv': MOVIES, 'ratings.csv.gz': RATINGS },
      /ratings\.csv\.gz.*cannot be read .*download ratings\.csv\.gz again/,
    ],
    [
      'an unknown title',
      { 'movies.csv': MOVIES, 'ratings.csv': `${RATINGS}7,99,4,1\n` },
      /ratings\.csv:6: movie 99 is not in movies\.csv; take both files/,
    ],
    [
      'a title twice',
      { 'movies.csv': `${MOVIES}10,Again (1999),Comedy\n`, 'ratings.csv': RATINGS },
      /movies\.csv:6: movieId 10 occurs twice/,
    ],
    [
      'a truncated archive',
      { 'movies.csv': MOVIES, 'ratings.csv.gz': whole.subarray(0, whole.length - 12) },
      /ratings\.csv\.gz.*cannot be read .*download ratings\.csv\.gz again/,
    ],
    [
      'an open quote',
      { 'movies.csv': `${MOVIES}50,"Open (1999),Comedy\n`, 'ratings.csv': RATINGS },
      /movies\.csv.*cannot be read .*[Qq]uote/,
    ],
  ])('%s is an error that names file, line and mend', async (_, files, message) => {
    await expect(readMovieLens(folderOf(files))).rejects.toThrow(message);
  });
});

describe('ml-100k', () => {
  const flags = (...set: number[]): string =>
    Array.from({ length: 19 }, (_, bit) => (set.includes(bit) ? 1 : 0)).join('|');
  const items = Buffer.from(
    `1|Toy Story (1995)|01-Jan-1995||http://x|${flags(3, 5)}\n2|Mis\xe9rables, "Les|01-Jan-1998||http://x|${flags(8)}\n3|unknown||||${flags(0)}\n`,
    'latin1',
  );
  const files = {
    'u.item': items,
    'u.data': '1\t1\t5\t100\n2\t2\t3\t50\n',
    'ua.base': '1\t1\t5\t100\n',
    'ua.test': '2\t2\t3\t50\n',
  };

  test('reads u.item and u.data', async () => {
    const { catalogue, interactions } = await readMovieLens(folderOf(files));
    expect(catalogue.names).toEqual(['Toy Story', 'Misérables, "Les', 'unknown']);
    expect([...catalogue.year]).toEqual([1995, 1998, 0]);
    expect(catalogue.genres).toEqual(['Animation', 'Comedy', 'Drama']);
    expect(catalogue.genreMask[2]).toBe(0);
    expect([...interactions.titles]).toEqual([1, 0]);
  });

  test('reads the official split over one catalogue and one set of users', async () => {
    const { train, test: held } = await readMl100kSplit(folderOf(files));
    expect(train.userIds).toEqual(held.userIds);
    expect(train.catalogue.version).toBe(held.catalogue.version);
    expect([...train.interactions.users]).toEqual([0]);
    expect([...held.interactions.users]).toEqual([1]);
  });

  test('a split that is not there is named', async () => {
    const { 'ua.test': _, ...rest } = files;
    await expect(readMl100kSplit(folderOf(rest))).rejects.toThrow(
      'the official split of ml-100k needs u.item, ua.base and ua.test; ua.test is not here',
    );
  });
});

const shared =
  process.env.SCREENTEST_SHARED ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
const small = join(shared, 'data/ml-latest-small');
if (!existsSync(small)) console.warn(`skipped: real MovieLens ratings are not at ${small}`);

test.skipIf(!existsSync(small))('the real ml-latest-small', async () => {
  const { catalogue, interactions, userIds } = await readMovieLens(small);
  // gzip -dc ratings.csv.gz | tail -n +2 | wc -l; cut -d, -f1 | sort -u | wc -l; the same of movies.csv.gz
  expect([interactions.count, userIds.length, catalogue.size, catalogue.genres.length]).toEqual([
    100_836, 610, 9_742, 19,
  ]);
  expect(interactions.at.every((at, entry) => entry === 0 || at >= interactions.at[entry - 1]!)).toBe(true);
  const tail = catalogue.longTail.reduce((sum, flag) => sum + flag, 0);
  expect(tail / catalogue.size).toBeGreaterThan(0.7);
});
