import { basename } from 'node:path';
import type { Catalogue } from '../ranking/catalogue.ts';
import { type CsvRecord, DataFileError, readCsv } from './csv.ts';

/** The columns after `title`, all optional. */
const COLUMNS = ['added_at', 'available_from', 'available_until', 'countries', 'maturity', 'tags'] as const;
/** Highest least age that a row may ask for, in years. */
const OLDEST = 120;

/**
 * The catalogue with the rules of a CSV file: `title` (external id), then any of `added_at`, `available_from`, `available_until`
 * (ISO 8601, a date alone being its midnight UTC), `countries` (ISO 3166 alpha-2, separated by `|`), `maturity` (least age in
 * years) and `tags` (separated by `|`). An empty field and a title without a row rule nothing; a column that no row
 * fills stays absent. The version stays: rules change what is shown, no model.
 *
 * @throws DataFileError naming file, line and mend
 */
export async function withTitleRules(catalogue: Catalogue, file: string): Promise<Catalogue> {
  const { size } = catalogue;
  const met = new Set<number>();
  const filled = new Set<(typeof COLUMNS)[number]>();
  const addedAt = Float64Array.from(catalogue.addedAt);
  const availableFrom = new Float64Array(size);
  const availableUntil = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const availableIn: (ReadonlySet<string> | undefined)[] = Array.from({ length: size }, () => undefined);
  const maturity = new Uint8Array(size);
  const tags: (readonly string[])[] = Array.from({ length: size }, () => []);
  for await (const record of readCsv(file, { columns: ['title'], optional: COLUMNS })) {
    const [id, added, from, until, countries, age, labels] = record.fields as [string, ...string[]];
    const row = catalogue.rowOf.get(id);
    if (row === undefined)
      throw new DataFileError(
        file,
        record.line,
        `title ${id} is not in the catalogue; correct the id, or remove the line`,
      );
    if (met.has(row)) throw new DataFileError(file, record.line, `title ${id} occurs twice; remove one line`);
    met.add(row);
    COLUMNS.forEach((column, place) => {
      if (record.fields[place + 1] !== '') filled.add(column);
    });
    if (added) addedAt[row] = momentOf(file, record, 'added_at', added);
    if (from) availableFrom[row] = momentOf(file, record, 'available_from', from);
    if (until) availableUntil[row] = momentOf(file, record, 'available_until', until);
    if (availableUntil[row]! <= availableFrom[row]!)
      throw new DataFileError(
        file,
        record.line,
        `available_until \`${until}\` is not after available_from \`${from}\`; swap or correct them`,
      );
    if (countries) availableIn[row] = countriesOf(file, record, countries);
    if (age) maturity[row] = ageOf(file, record, age);
    if (labels) tags[row] = listOf(labels);
  }
  return {
    ...catalogue,
    addedAt,
    ...(filled.has('available_from') && { availableFrom }),
    ...(filled.has('available_until') && { availableUntil }),
    ...(filled.has('countries') && { availableIn }),
    ...(filled.has('maturity') && { maturity }),
    ...(filled.has('tags') && { tags }),
  };
}

const listOf = (text: string): string[] => [
  ...new Set(
    text
      .split('|')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
];

function momentOf(file: string, record: CsvRecord, column: string, text: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = iso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || at <= 0)
    throw new DataFileError(
      file,
      record.line,
      `${column} \`${text}\`; expected a day or a moment since 1970 in ISO 8601, e.g. 2026-05-01 or 2026-05-01T18:00:00Z`,
    );
  return at;
}

function countriesOf(file: string, record: CsvRecord, text: string): ReadonlySet<string> {
  const codes = listOf(text);
  const wrong = codes.find((code) => !/^[A-Z]{2}$/.test(code));
  if (wrong !== undefined || codes.length === 0)
    throw new DataFileError(
      file,
      record.line,
      `country \`${wrong ?? text}\`; expected two capitals (ISO 3166), several separated by |, e.g. US|CA`,
    );
  return new Set(codes);
}

function ageOf(file: string, record: CsvRecord, text: string): number {
  const age = Number(text);
  if (!/^\d+$/.test(text) || age > OLDEST)
    throw new DataFileError(
      file,
      record.line,
      `maturity \`${text}\`; expected the least age in whole years, 0 for everyone, e.g. 16`,
    );
  return age;
}

/** The file's name: a folder of ratings may hold one. */
export const TITLE_RULES = 'titles.csv';

/** What a user should know of the rules that were read. */
export function ruleNote(file: string, { addedAt, ...catalogue }: Catalogue): string {
  const columns = (['availableFrom', 'availableUntil', 'availableIn', 'maturity', 'tags'] as const).filter(
    (column) => catalogue[column] !== undefined,
  );
  const arrivals = addedAt.reduce((sum, at) => sum + (at > 0 ? 1 : 0), 0);
  return `${basename(file)}: ${columns.length > 0 ? columns.join(', ') : 'no rules'}; ${arrivals.toLocaleString('en')} titles with a day of arrival`;
}
