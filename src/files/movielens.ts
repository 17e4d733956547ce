import { basename, join } from 'node:path';
import { DataFileError, plainOrGzip, readCsv, requiredFile } from './csv.ts';
import { type Dataset, datasetOf, type Film } from './dataset.ts';
import { type RatingFormat, ratingNotes, readRatings, unknownTitle } from './ratings.ts';
import { titleAndYear } from './title-and-year.ts';

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

const STARS = { range: [0.5, 5], unit: ' stars' } as const;
const CSV: RatingFormat = {
  ...STARS,
  columns: ['userId', 'movieId', 'rating', 'timestamp'],
  delimiter: ',',
  quotes: true,
};
const TABS: RatingFormat = { ...STARS, columns: 4, delimiter: '\t', quotes: false };

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
  if (items !== undefined) return readMl100k(folder, items, requiredFile(folder, 'u.data'));
  throw new DataFileError(
    folder,
    undefined,
    'neither movies.csv nor u.item is here, nor movies.dat; give a folder of a MovieLens download (ml-latest, ml-latest-small, ml-100k) or of MovieTweetings',
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
  const items = requiredFile(folder, 'u.item');
  const films = await readItems(items);
  const users = new Map<string, number>();
  const [base, held] = [requiredFile(folder, 'ua.base'), requiredFile(folder, 'ua.test')];
  const train = await readRatings(base, TABS, items, films, users);
  const test = await readRatings(held, TABS, items, films, users);
  const ids = [...users.keys()];
  return {
    train: datasetOf('ml-100k ua.base', films, ids, train.ratings, ratingNotes(base, train)),
    test: datasetOf('ml-100k ua.test', films, ids, test.ratings, ratingNotes(held, test)),
  };
}

async function readLatest(folder: string, movies: string): Promise<Dataset> {
  const ratingsFile = requiredFile(folder, 'ratings.csv');
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
  const read = await readRatings(ratingsFile, CSV, movies, films, users);
  return datasetOf(basename(folder), films, [...users.keys()], read.ratings, ratingNotes(ratingsFile, read));
}

async function readMl100k(folder: string, items: string, data: string): Promise<Dataset> {
  const films = await readItems(items);
  const users = new Map<string, number>();
  const read = await readRatings(data, TABS, items, films, users);
  return datasetOf(basename(folder), films, [...users.keys()], read.ratings, ratingNotes(data, read));
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
