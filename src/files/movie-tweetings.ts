import { basename, join } from 'node:path';
import { DataFileError, plainOrGzip, readCsv, requiredFile } from './csv.ts';
import { type Dataset, datasetOf, type Film } from './dataset.ts';
import { type RatingFormat, ratingNotes, readRatings } from './ratings.ts';
import { titleAndYear } from './title-and-year.ts';

const SEPARATED = { delimiter: '::', quotes: false } as const;
const RATINGS: RatingFormat = { ...SEPARATED, columns: 4, range: [0, 10], unit: '' };
/** A larger data set of this scale has higher ratings than this. */
const FIVE_STARS = 5;

/**
 * Reads a snapshot of MovieTweetings: movies.dat (`id::title (year)::genre|genre`) and ratings.dat
 * (`user::movie::rating::seconds`, ratings 0 to 10), each plain or with `.gz`. Two points are one star; 0 counts as 1.
 *
 * @throws DataFileError naming file, line and mend; also where no rating is above 5, as in ml-1m, whose files look alike
 */
export async function readMovieTweetings(folder: string): Promise<Dataset> {
  const movies = requiredFile(folder, 'movies.dat');
  const ratingsFile = requiredFile(folder, 'ratings.dat');
  const films: Film[] = [];
  const known = new Set<string>();
  for await (const record of readCsv(movies, { ...SEPARATED, columns: 3 })) {
    const [id, title, genres] = record.fields as [string, string, string];
    if (known.has(id))
      throw new DataFileError(movies, record.line, `movie ${id} occurs twice; remove one line`);
    known.add(id);
    const { name, year } = titleAndYear(title);
    films.push({ id, name, year, genres: genres.split('|').filter((genre) => genre !== ''), text: name });
  }
  const users = new Map<string, number>();
  const read = await readRatings(ratingsFile, RATINGS, movies, films, users);
  if (read.greatest <= FIVE_STARS)
    throw new DataFileError(
      ratingsFile,
      undefined,
      'has no rating above 5; files of this form are read as MovieTweetings, which rates from 0 to 10: scale the ratings by 2',
    );
  return datasetOf(basename(folder), films, [...users.keys()], read.ratings, ratingNotes(ratingsFile, read));
}

/** Whether a folder has the files of MovieTweetings. */
export function isMovieTweetings(folder: string): boolean {
  return plainOrGzip(join(folder, 'movies.dat')) !== undefined;
}
