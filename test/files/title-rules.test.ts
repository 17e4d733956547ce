import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withTitleRules } from '../../src/files/title-rules.ts';
import { catalogueOf } from '../ranking/fixtures.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-titles-'));
afterAll(() => rmSync(base, { recursive: true }));

const catalogue = catalogueOf([{}, {}, {}]);
let files = 0;
function fileOf(text: string): string {
  const file = join(base, `titles-${files++}.csv`);
  writeFileSync(file, text);
  return file;
}

const HEADER = 'title,available_from,available_until,countries,maturity,tags,added_at';

test('reads every column; what is empty rules nothing', async () => {
  const ruled = await withTitleRules(
    catalogue,
    fileOf(`${HEADER}
t-2,2026-05-01,2026-06-01T18:00:00+02:00,US|CA,16,original|campaign-may,2026-04-30
t-0,,,,,,
`),
  );
  expect([...ruled.availableFrom!]).toEqual([0, 0, Date.UTC(2026, 4, 1)]);
  expect([...ruled.availableUntil!]).toEqual([Infinity, Infinity, Date.UTC(2026, 5, 1, 16)]);
  expect(ruled.availableIn).toEqual([undefined, undefined, new Set(['US', 'CA'])]);
  expect([...ruled.maturity!]).toEqual([0, 0, 16]);
  expect(ruled.tags).toEqual([[], [], ['original', 'campaign-may']]);
  expect([...ruled.addedAt]).toEqual([0, 0, Date.UTC(2026, 3, 30)]);
  expect(ruled.version).toBe(catalogue.version);
});

test('columns that no row fills are absent', async () => {
  const ruled = await withTitleRules(catalogue, fileOf('title,maturity,tags\nt-0,18,\n'));
  const columns = ['availableFrom', 'availableUntil', 'availableIn', 'maturity', 'tags'] as const;
  expect(columns.filter((column) => ruled[column] !== undefined)).toEqual(['maturity']);
  expect(ruled.addedAt).toEqual(catalogue.addedAt);
});

test.each<[string, string, RegExp]>([
  ['an empty file', '', /csv:1: is empty; expected the header `title`/],
  ['no title column', 'id,tags\n', /csv:1: header is `id,tags`; expected `title` and any of `added_at,/],
  ['an unknown column', 'title,colour\n', /csv:1: header is `title,colour`; expected/],
  ['a column twice', 'title,tags,tags\n', /csv:1: header is `title,tags,tags`; expected/],
  ['a short row', 'title,tags\nt-0\n', /csv:2: 1 fields; expected 2/],
  ['an unknown title', 'title,tags\nt-9,a\n', /csv:2: title t-9 is not in the catalogue; correct the id/],
  ['a title twice', 'title,tags\nt-0,a\nt-0,b\n', /csv:3: title t-0 occurs twice/],
  ['no date', 'title,available_from\nt-0,May\n', /csv:2: available_from `May`; expected a day or a moment/],
  ['no real day', 'title,added_at\nt-0,2026-13-01\n', /csv:2: added_at `2026-13-01`/],
  ['a moment without zone', 'title,added_at\nt-0,2026-05-01T10:00\n', /csv:2: added_at/],
  [
    'a window that ends first',
    'title,available_from,available_until\nt-0,2026-05-02,2026-05-01\n',
    /csv:2: available_until `2026-05-01` is not after/,
  ],
  ['a country by name', 'title,countries\nt-0,US|Canada\n', /csv:2: country `Canada`; expected two capitals/],
  ['no country between bars', 'title,countries\nt-0,|\n', /csv:2: country `\|`/],
  [
    'an age rating by letters',
    'title,maturity\nt-0,PG-13\n',
    /csv:2: maturity `PG-13`; expected the least age/,
  ],
  ['an age out of range', 'title,maturity\nt-0,999\n', /csv:2: maturity `999`/],
])('%s is an error that names file, line and mend', async (_, text, message) => {
  await expect(withTitleRules(catalogue, fileOf(text))).rejects.toThrow(message);
});
