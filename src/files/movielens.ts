import { basename, join } from 'node:path';
import { type CsvRecord, DataFileError, plainOrGzip, readCsv } from './csv.ts';
import { type Dataset, datasetOf, type Film, type Rating } from './dataset.ts';

/** The columns of u.item after its five text fields, in file order. */
const ML_100K_GENRES = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
] as const;

/**
 * Reads a folder of one of the MovieLens downloads, each file plain or with `.gz`:
 * - ml-latest, ml-latest-small, ml-25m, ml-32m: movies.csv, ratings.csv and, where present, tags.csv and links.csv
 * - ml-100k: u.item and u.data
 *
 * @throws DataFileError naming file, line and mend: a missing or truncated file, a row that is not a rating, stars outside
 *   0.5 to 5, a title that the titles file does not have
 */
export async function readMovieLens(folder: string): Promise<Dataset> {
  const movies = plainOrGzip(join(folder, 'movies.csv'));
  if (movies !== undefined) return readLatest(folder, movies);
  const items = plainOrGzip(join(folder, 'u.item'));
  if (items !== undefined) return readMl100k(folder, items, required(folder, 'u.data'));
  throw new DataFileError(
    folder,
    undefined,
    'neither movies.csv nor u.item is here; give a folder of a MovieLens download (ml-latest, ml-latest-small, ml-100k)',
  );
}

/**
 * The official split of ml-100k: ratings of `ua.base` (train) and `ua.test` (10 per user) over the same catalogue and users.
 *
 * @throws DataFileError as in `readMovieLens`, and where one of the three official files is not there
 */
export async function readMl100kSplit(folder: string): Promise<{ train: Dataset; test: Dataset }> {
  const missing = ['u.item', 'ua.base', 'ua.test'].filter(
    (name) => plainOrGzip(join(folder, name)) === undefined,
  );
  if (missing.length > 0)
    throw new DataFileError(
      folder,
      undefined,
      `the official split of ml-100k needs u.item, ua.base and ua.test; ${missing.join(' and ')} ` +
        `${missing.length > 1 ? 'are' : 'is'} not here; unpack ml-100k.zip of MovieLens into this folder, or use another protocol`,
    );
  const items = required(folder, 'u.item');
  const films = await readItems(items);
  const users = new Map<string, number>();
  const train = await readRatings(required(folder, 'ua.base'), 'tabs', items, films, users);
  const test = await readRatings(required(folder, 'ua.test'), 'tabs', items, films, users);
  const ids = [...users.keys()];
  return {
    train: datasetOf('ml-100k ua.base', films, ids, train),
    test: datasetOf('ml-100k ua.test', films, ids, test),
  };
}

async function readLatest(folder: string, movies: string): Promise<Dataset> {
  const ratingsFile = required(folder, 'ratings.csv');
  const listed: { film: Film; words: string[] }[] = [];
  const rowOf = new Map<string, number>();
  for await (const record of readCsv(movies, { columns: ['movieId', 'title', 'genres'] })) {
    const [id, title, genres] = record.fields as [string, string, string];
    if (rowOf.has(id))
      throw new DataFileError(movies, record.line, `movieId ${id} occurs twice; remove one line`);
    rowOf.set(id, listed.length);
    const named = genres === '' || genres === '(no genres listed)' ? [] : genres.split('|');
    const film = { id, ...titleAndYear(title), genres: named };
    listed.push({ film: { ...film, text: film.name }, words: [film.name] });
  }
  const tags = plainOrGzip(join(folder, 'tags.csv'));
  if (tags !== undefined) {
    for await (const record of readCsv(tags, { columns: ['userId', 'movieId', 'tag', 'timestamp'] })) {
      const row = rowOf.get(record.fields[1]!);
      if (row === undefined) throw unknownTitle(tags, record, record.fields[1]!, movies);
      listed[row]!.words.push(record.fields[2]!);
    }
  }
  const links = plainOrGzip(join(folder, 'links.csv'));
  if (links !== undefined)
    for await (const record of readCsv(links, { columns: ['movieId', 'imdbId', 'tmdbId'] }))
      if (!rowOf.has(record.fields[0]!)) throw unknownTitle(links, record, record.fields[0]!, movies);
  const films = listed.map(({ film, words }) => ({ ...film, text: words.join(' ') }));
  const users = new Map<string, number>();
  const ratings = await readRatings(ratingsFile, 'csv', movies, films, users);
  return datasetOf(basename(folder), films, [...users.keys()], ratings);
}

async function readMl100k(folder: string, items: string, data: string): Promise<Dataset> {
  const films = await readItems(items);
  const users = new Map<string, number>();
  const ratings = await readRatings(data, 'tabs', items, films, users);
  return datasetOf(basename(folder), films, [...users.keys()], ratings);
}

async function readItems(file: string): Promise<Film[]> {
  const films: Film[] = [];
  const columns = 5 + ML_100K_GENRES.length;
  for await (const record of readCsv(file, { columns, delimiter: '|', quotes: false, encoding: 'latin1' })) {
    const [id, title, released] = record.fields as [string, string, string];
    const { name, year } = titleAndYear(title);
    const genres = ML_100K_GENRES.filter(
      (genre, bit) => record.fields[5 + bit] === '1' && genre !== 'unknown',
    );
    films.push({ id, name, year: year || Number(/\d{4}$/.exec(released)?.[0] ?? 0), genres, text: name });
  }
  return films;
}

/** Reads ratings; rows of users not met before are added to `users`. */
async function readRatings(
  file: string,
  format: 'csv' | 'tabs',
  titlesFile: string,
  films: readonly Film[],
  users: Map<string, number>,
): Promise<Rating[]> {
  const rowOf = new Map(films.map((film, row) => [film.id, row]));
  const options =
    format === 'csv'
      ? { columns: ['userId', 'movieId', 'rating', 'timestamp'] }
      : { columns: 4, delimiter: '\t', quotes: false };
  const ratings: Rating[] = [];
  for await (const record of readCsv(file, options)) {
    const [user, id, starsText, seconds] = record.fields as [string, string, string, string];
    const title = rowOf.get(id);
    if (title === undefined) throw unknownTitle(file, record, id, titlesFile);
    const stars = Number(starsText);
    if (starsText === '' || !(stars >= 0.5 && stars <= 5))
      throw new DataFileError(file, record.line, `rating \`${starsText}\`; expected 0.5 to 5 stars`);
    if (!/^\d+$/.test(seconds))
      throw new DataFileError(file, record.line, `timestamp \`${seconds}\`; expected seconds since 1970`);
    if (user === '')
      throw new DataFileError(file, record.line, 'the user id is empty; expected the id of who rated');
    const row = users.get(user) ?? users.size;
    users.set(user, row);
    ratings.push({ user: row, title, stars, at: Number(seconds) * 1000 });
  }
  if (ratings.length === 0)
    throw new DataFileError(file, undefined, 'has no ratings; at least one is needed to train on');
  return ratings;
}

/** `Toy Story (1995)` -> name and year; year 0 where the title ends otherwise. */
function titleAndYear(title: string): { name: string; year: number } {
  const match = /^(.*?)\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$/.exec(title);
  return match ? { name: match[1]!, year: Number(match[2]) } : { name: title.trim(), year: 0 };
}

function required(folder: string, name: string): string {
  const path = plainOrGzip(join(folder, name));
  if (path !== undefined) return path;
  throw new DataFileError(
    join(folder, name),
    undefined,
    `is missing; put ${name} or ${name}.gz of the download there`,
  );
}

function unknownTitle(file: string, record: CsvRecord, id: string, titlesFile: string): DataFileError {
  return new DataFileError(
    file,
    record.line,
    `movie ${id} is not in ${basename(titlesFile)}; take both files from one download, or remove the line`,
  );
}
