import { open } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { InvalidInput } from '../files/invalid-input.ts';

/** The first line of a delimited text file. */
export interface Header {
  readonly names: readonly string[];
  readonly delimiter: string;
  readonly gzip: boolean;
}

const FIRST_BYTES = 256 * 1024;
const DELIMITERS = [',', '\t', ';', '|'];

/** First bytes of a file. */
export async function firstBytes(path: string, size: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Reads the header, gzipped or not; the separator is the one that stands in it most often, outside quotes. */
export async function readHeader(path: string): Promise<Header> {
  const bytes = await firstBytes(path, FIRST_BYTES);
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (gzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes).toString('utf8');
  const [line = ''] = text.replace(/^\ufeff/, '').split(/\r?\n/, 1);
  if (line.trim() === '')
    throw new InvalidInput(`${path}: its first line should name the columns, and is empty`);
  const bare = line.replace(/"[^"]*"/g, '');
  const count = (delimiter: string) => bare.split(delimiter).length;
  const delimiter = DELIMITERS.reduce((best, other) => (count(other) > count(best) ? other : best));
  const [names = []] = parse(line, { delimiter, relax_quotes: true }) as string[][];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new InvalidInput(`${path}: two of its columns are called ${twice}; rename one`);
  return { names, delimiter, gzip };
}
