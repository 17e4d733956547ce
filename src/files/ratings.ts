import { basename } from 'node:path';
import { type CsvRecord, DataFileError, readCsv } from './csv.ts';
import type { Film, Rating } from './dataset.ts';

/** How a file of ratings is written: user, title, rating, seconds since 1970. */
export interface RatingFormat {
  /** The header, or the number of fields of a file without one. */
  readonly columns: readonly string[] | number;
  readonly delimiter: string;
  readonly quotes: boolean;
  /** Least and greatest rating. */
  readonly range: readonly [least: number, greatest: number];
  /** What a rating is called in errors. */
  readonly unit: string;
}

/** What a file of ratings says, a pair of user and title once. */
export interface ReadRatings {
  readonly ratings: readonly Rating[];
  /** Ratings left out because the user rated the title again later. */
  readonly replaced: number;
  /** As the file has them, before they are scaled to stars. */
  readonly greatest: number;
}

const STARS = 5;
/** Nobody's rating weighs nothing: the least of scales that begin at 0 counts as half a star. */
const LEAST_STARS = 0.5;

/**
 * Reads ratings, scaled to stars of 5. Of several by one user for one title the latest counts, the later line of equal
 * times. Rows of users not met before are added to `users`.
 *
 * @throws DataFileError naming file, line and mend
 */
export async function readRatings(
  file: string,
  format: RatingFormat,
  titlesFile: string,
  films: readonly Film[],
  users: Map<string, number>,
): Promise<ReadRatings> {
  const { columns, delimiter, quotes, range, unit } = format;
  const [least, most] = range;
  const rowOf = new Map(films.map((film, row) => [film.id, row]));
  const latest = new Map<number, Rating>();
  let lines = 0;
  let greatest = 0;
  for await (const record of readCsv(file, { columns, delimiter, quotes })) {
    const [user, id, text, seconds] = record.fields as [string, string, string, string];
    const title = rowOf.get(id);
    if (title === undefined) throw unknownTitle(file, record, id, titlesFile);
    const given = Number(text);
    if (text.trim() === '' || !(given >= least && given <= most))
      throw new DataFileError(file, record.line, `rating \`${text}\`; expected ${least} to ${most}${unit}`);
    if (!/^\d+$/.test(seconds))
      throw new DataFileError(file, record.line, `timestamp \`${seconds}\`; expected seconds since 1970`);
    if (user === '')
      throw new DataFileError(file, record.line, 'the user id is empty; expected the id of who rated');
    const row = users.get(user) ?? users.size;
    users.set(user, row);
    const pair = row * films.length + title;
    const stars = Math.max(LEAST_STARS, (given * STARS) / most);
    const at = Number(seconds) * 1000;
    const before = latest.get(pair);
    if (before === undefined || at >= before.at) latest.set(pair, { user: row, title, stars, at });
    greatest = Math.max(greatest, given);
    lines++;
  }
  if (lines === 0)
    throw new DataFileError(file, undefined, 'has no ratings; at least one is needed to train on');
  return { ratings: [...latest.values()], replaced: lines - latest.size, greatest };
}

export function unknownTitle(file: string, record: CsvRecord, id: string, titlesFile: string): DataFileError {
  return new DataFileError(
    file,
    record.line,
    `movie ${id} is not in ${basename(titlesFile)}; take both files from one download, or remove the line`,
  );
}

/** What a user should know of ratings that were read. */
export function ratingNotes(file: string, { replaced }: ReadRatings): string[] {
  if (replaced === 0) return [];
  const [ratings, are] = replaced === 1 ? ['rating', 'is'] : ['ratings', 'are'];
  return [
    `${basename(file)}: ${replaced.toLocaleString('en')} ${ratings} of titles that the user rated again later ${are} left out`,
  ];
}
