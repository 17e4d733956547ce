import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type Options, parse } from 'csv-parse';
import { InvalidInput } from './invalid-input.ts';

/** A data file that cannot be used: the message names the file, the line where there is one, and the mend. */
export class DataFileError extends InvalidInput {
  override readonly name = 'DataFileError';
  readonly file: string;
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, message: string) {
    super(line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`);
    this.file = file;
    this.line = line;
  }
}

/** One record with the line it ends on. */
export interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/** The path itself, or with `.gz` added where only that exists; undefined where neither does. */
export function plainOrGzip(path: string): string | undefined {
  return [path, `${path}.gz`].find((candidate) => existsSync(candidate));
}

/** The file of a download or its gzipped form. @throws DataFileError where neither is there */
export function requiredFile(folder: string, name: string): string {
  const path = plainOrGzip(join(folder, name));
  if (path !== undefined) return path;
  throw new DataFileError(
    join(folder, name),
    undefined,
    `is missing; put ${name} or ${name}.gz of the download there`,
  );
}

/**
 * Streams the records of a delimited text file, gzip-compressed when its name ends in `.gz`.
 *
 * @param options `columns`: the header the file must have (checked, case-sensitive), or the number of fields of a file without
 *   header; `optional`: columns that may follow, in any order, whose fields come after the others in the order given here, '' where
 *   absent; `delimiter`, default a comma; `quotes`: false for formats that use quotes as plain characters;
 *   `encoding`, default utf8
 * @throws DataFileError on a damaged file, another header, or a record with another number of fields
 */
export async function* readCsv(
  path: string,
  options: {
    columns: readonly string[] | number;
    optional?: readonly string[];
    delimiter?: string;
    quotes?: boolean;
    encoding?: 'utf8' | 'latin1';
  },
): AsyncGenerator<CsvRecord> {
  const header = typeof options.columns === 'number' ? undefined : options.columns;
  const optional = options.optional ?? [];
  let width = typeof options.columns === 'number' ? options.columns : options.columns.length;
  let places: readonly number[] | undefined;
  const settings: Options = {
    delimiter: options.delimiter ?? ',',
    encoding: options.encoding ?? 'utf8',
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    bom: true,
  };
  if (options.quotes === false) settings.quote = null;
  const parser = parse(settings);
  const source = createReadStream(path);
  const stages = path.endsWith('.gz') ? [source, source.pipe(createGunzip())] : [source];
  for (const stage of stages) stage.on('error', (error: Error) => parser.destroy(error));
  stages.at(-1)!.pipe(parser);
  let first = true;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (first && header !== undefined) {
        const more = record.slice(header.length);
        const known = more.every((name, place) => optional.includes(name) && more.indexOf(name) === place);
        if (record.slice(0, header.length).join() !== header.join() || !known)
          throw new DataFileError(
            path,
            info.lines,
            `header is \`${record.join()}\`; expected \`${header.join()}\`` +
              (optional.length > 0 ? ` and any of \`${optional.join()}\`` : ''),
          );
        width = record.length;
        if (optional.length > 0) places = [...header, ...optional].map((name) => record.indexOf(name));
      }
      if (record.length !== width)
        throw new DataFileError(
          path,
          info.lines,
          `${record.length} fields; expected ${width}, or remove the line`,
        );
      if (!first || header === undefined) {
        const fields = places === undefined ? record : places.map((place) => record[place] ?? '');
        yield { fields, line: info.lines };
      }
      first = false;
    }
  } catch (error) {
    if (error instanceof DataFileError) throw error;
    const cause = error as Error & { lines?: number };
    throw new DataFileError(
      path,
      cause.lines,
      `cannot be read (${cause.message}); download ${basename(path)} again, it may be truncated`,
    );
  } finally {
    source.destroy();
  }
  if (first && header !== undefined)
    throw new DataFileError(path, 1, `is empty; expected the header \`${header.join()}\``);
}
