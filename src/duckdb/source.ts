import { stat } from 'node:fs/promises';
import { InvalidInput } from '../files/invalid-input.ts';
import { firstBytes, readHeader } from './header.ts';
import { type Engine, identifier, literal } from './open.ts';

/** A file that DuckDB can scan, by what it holds. */
export interface DataSource {
  readonly path: string;
  readonly bytes: number;
  readonly format: 'csv' | 'parquet';
  /** In file order. `text`: values are strings and become numbers by parsing. */
  readonly columns: readonly { readonly name: string; readonly type: 'text' | 'number' | 'boolean' }[];
  /** A table function call; columns of text that are named are read as numbers, and fail it where one is none. */
  scan(numbers?: ReadonlySet<string>): string;
}

/** Bytes that DuckDB reads at a time: its own 32 MB are first asked of the system, page by page, also for a file of 1 MB. */
const BUFFER_BYTES = 2 ** 22;

const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/;

/**
 * Looks at a file: Parquet by its first bytes, anything else is delimited text with a header (CSV, TSV, also gzipped),
 * whose separator is told from its first line.
 */
export async function describeSource(engine: Engine, path: string): Promise<DataSource> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new InvalidInput(`${path}: it is a folder; name the file in it`);
  if (!found?.isFile()) throw new InvalidInput(`${path}: there is no such file; check the path`);
  if (found.size === 0) throw new InvalidInput(`${path}: the file is empty`);
  const bytes = found.size;
  // DuckDB reads * ? and [ as patterns.
  const pattern = literal(path.replace(/[*?[]/g, '[$&]'));
  if ((await firstBytes(path, 4)).toString('latin1') === 'PAR1') {
    const scan = `read_parquet(${pattern})`;
    const described = await readable(path, () => engine.rows(`describe select * from ${scan}`));
    const columns = described.map(({ column_name: name, column_type: type }) => ({
      name: String(name),
      type: NUMBERS.test(String(type))
        ? ('number' as const)
        : type === 'BOOLEAN'
          ? ('boolean' as const)
          : ('text' as const),
    }));
    return { path, bytes, format: 'parquet', columns, scan: () => scan };
  }
  const { names, delimiter, gzip } = await readHeader(path);
  const typed = (numbers?: ReadonlySet<string>) =>
    names.map((name) => `${literal(name)}: '${numbers?.has(name) ? 'DOUBLE' : 'VARCHAR'}'`).join(', ');
  return {
    path,
    bytes,
    format: 'csv',
    columns: names.map((name) => ({ name, type: 'text' })),
    scan: (numbers) =>
      `read_csv(${pattern}, auto_detect = false, header = true, quote = '"', escape = '"', nullstr = ['', 'nan', 'NaN', 'NAN'], compression = '${gzip ? 'gzip' : 'none'}', delim = ${literal(delimiter)}, buffer_size = ${BUFFER_BYTES}, columns = {${typed(numbers)}})`,
  };
}

/** Runs a read of the file; what DuckDB cannot read is the file's fault, told by its first lines. */
export async function readable<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const [first = '', ...more] = (error as Error).message.split('\n');
    if (/out of memory|no space|failed to offload/i.test(first)) throw error;
    const told = [first.replace(/^[A-Za-z ]+ Error: /, ''), ...more.slice(0, 2)].filter(
      (line) => line.trim() !== '',
    );
    throw new InvalidInput(`${path}: it cannot be read: ${told.join('; ')}`);
  }
}

/** How tables write that nothing is known, next to an empty cell and NaN. */
const MISSING = ['-', 'na', 'n/a', 'null', 'none', 'nil'].map(literal).join(', ');

/** A column as a number: booleans are 1 and 0, what is missing is NULL, what is no number is NaN. */
export function numberOf(column: DataSource['columns'][number]): string {
  const name = identifier(column.name);
  if (column.type === 'number') return `nullif(${name}::DOUBLE, 'NaN'::DOUBLE)`;
  if (column.type === 'boolean') return `${name}::INTEGER::DOUBLE`;
  return `coalesce(try_cast(${name} as DOUBLE), try_cast(try_cast(${name} as BOOLEAN) as DOUBLE), case when lower(trim(${name})) not in (${MISSING}) then 'NaN'::DOUBLE end)`;
}

/** Whether a column's values are strings, which become numbers by parsing. */
export function isText({ columns }: DataSource, name: string): boolean {
  return columns.some((column) => column.name === name && column.type === 'text');
}

const SAMPLE = 2048;

/** Of the columns that are to become numbers, those that are numbers or empty in the first rows. */
export async function plainNumbers(
  engine: Engine,
  { scan, columns, path }: DataSource,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = columns.filter(({ name, type }) => type === 'text' && names.includes(name));
  if (asked.length === 0) return new Set();
  const counts = asked.map(({ name }, i) => {
    const value = identifier(name);
    return `count(${value}) - count(try_cast(${value} as DOUBLE)) as n${i}`;
  });
  const [row] = await readable(path, () =>
    engine.rows(`select ${counts.join(', ')} from (select * from ${scan()} limit ${SAMPLE})`),
  );
  return new Set(asked.filter((_, i) => row?.[`n${i}`] === 0).map(({ name }) => name));
}
