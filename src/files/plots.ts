import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DataFileError, plainOrGzip } from './csv.ts';

/** What an encyclopaedia says of one film. */
export interface Plot {
  readonly name: string;
  readonly year: number;
  /** Those who act in it or directed it. */
  readonly people: readonly string[];
  /** Opening of the article: who made it, what happens. */
  readonly text: string;
}

const FILE = 'movies.jsonl';

/**
 * Reads plots and cast from a folder with `movies.jsonl` or `movies.jsonl.gz`: one film per line with `title`, `year`, `cast`
 * (names) and `extract` (text), as Wikipedia's lists of American films give them. Two lines about one article count once.
 *
 * @throws DataFileError naming file, line and mend: no such file, a damaged archive, a line that is no film
 */
export async function readPlots(folder: string): Promise<Plot[]> {
  const path = plainOrGzip(join(folder, FILE));
  if (path === undefined)
    throw new DataFileError(join(folder, FILE), undefined, `is missing; put ${FILE} or ${FILE}.gz there`);
  const source = createReadStream(path);
  const text = path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  const lines = createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  const damaged = new Promise<never>((_, reject) => {
    for (const stream of [source, text])
      stream.on('error', (error: Error) =>
        reject(
          new DataFileError(
            path,
            undefined,
            `cannot be read (${error.message}); it may be truncated, get it again`,
          ),
        ),
      );
  });
  const plots = await Promise.race([collect(lines, path), damaged]).finally(() => source.destroy());
  if (plots.length === 0) throw new DataFileError(path, undefined, 'has no films; give one per line');
  return plots;
}

async function collect(lines: AsyncIterable<string>, path: string): Promise<Plot[]> {
  const plots: Plot[] = [];
  const articles = new Set<string>();
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const film = parseFilm(text, path, line);
    if (typeof film.href === 'string') {
      const article = `${film.href} ${film.year}`;
      if (articles.has(article)) continue;
      articles.add(article);
    }
    const extract = film.extract ?? '';
    plots.push({
      name: film.title,
      year: film.year,
      people: [...new Set([...film.cast, ...directorsIn(extract)])],
      text: extract,
    });
  }
  return plots;
}

interface FilmLine {
  readonly title: string;
  readonly year: number;
  readonly cast: readonly string[];
  readonly extract?: string | null;
  readonly href?: string | null;
}

function parseFilm(text: string, path: string, line: number): FilmLine {
  let film: Partial<FilmLine> | null;
  try {
    film = JSON.parse(text) as Partial<FilmLine> | null;
  } catch (cause) {
    throw new DataFileError(path, line, `is not JSON (${(cause as Error).message}); mend or remove the line`);
  }
  const { title, year, cast = [], extract = null } = film ?? {};
  const valid =
    typeof title === 'string' &&
    Number.isInteger(year) &&
    Array.isArray(cast) &&
    cast.every((name) => typeof name === 'string') &&
    (extract === null || typeof extract === 'string');
  if (!valid)
    throw new DataFileError(
      path,
      line,
      'expected {"title": text, "year": integer, "cast": [names], "extract": text}; mend or remove the line',
    );
  return film as FilmLine;
}

/** Initials and words in capitals, with small words of noble names in between. */
const WORD = String.raw`\p{Lu}(?:\.|[\p{L}'’-]+)`;
const NAME = String.raw`${WORD}(?:\s+(?:(?:de|del|della|di|da|von|van|der|la|le)\s+)*${WORD})+(?:(?<= [JS]r)\.)?`;
const DIRECTED = new RegExp(`[Dd]irected by (${NAME}(?:(?:, and |, | and | & )${NAME})*)`, 'u');

/** Names that follow "directed by". */
function directorsIn(text: string): string[] {
  const names = DIRECTED.exec(text)?.[1];
  return names === undefined ? [] : names.split(/, and |, | and | & /);
}
