import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCsv } from '../../src/files/csv.ts';
import { readPlots } from '../../src/files/plots.ts';
import { readDataset } from '../../src/files/read-dataset.ts';
import { joinTitles } from '../../src/files/title-join.ts';
import { withTitleRules } from '../../src/files/title-rules.ts';
import { withPlots } from '../../src/files/with-plots.ts';
import type { Catalogue } from '../../src/ranking/catalogue.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-real-titles-'));
afterAll(() => rmSync(base, { recursive: true }));

const shared =
  process.env.SCREENTEST_SHARED ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared');
const [small, wikipedia, netflix] = ['ml-latest-small', 'wikipedia-movies', 'netflix-titles'].map((name) =>
  join(shared, 'data', name),
) as [string, string, string];
const missing = [small, wikipedia, netflix].filter((folder) => !existsSync(folder));
if (missing.length > 0) console.warn(`skipped: real titles are not at ${missing.join(', ')}`);

let catalogue: Catalogue;
beforeAll(async () => {
  if (missing.length === 0) ({ catalogue } = await readDataset(small));
});

test.skipIf(missing.length > 0)('plots and cast of the real titles', async () => {
  const told = withPlots(catalogue, await readPlots(wikipedia));
  expect(told.joined / catalogue.size).toBeGreaterThan(0.65);
  const row = (id: string): number => catalogue.rowOf.get(id)!;
  const people = (id: string): readonly string[] => told.catalogue.people![row(id)]!;
  // The Matrix, The Empire Strikes Back (of "Star Wars: Episode V - ..."), Amélie, which is no American film.
  expect(people('2571')).toEqual(expect.arrayContaining(['Keanu Reeves', 'Carrie-Anne Moss']));
  expect(people('1196')).toEqual(expect.arrayContaining(['Harrison Ford', 'Irvin Kershner']));
  expect(people('4973')).toEqual([]);
  expect(told.catalogue.plots![row('4973')]).toBe('');
});

/** Least age by the rating of a title, in years. */
const AGES: Readonly<Record<string, number>> = {
  G: 0,
  'TV-G': 0,
  'TV-Y': 0,
  PG: 10,
  'TV-PG': 10,
  'PG-13': 13,
  'TV-14': 14,
  R: 17,
  'TV-MA': 17,
  'NC-17': 18,
};

test.skipIf(missing.length > 0)('maturity of the real titles, by way of a file of rules', async () => {
  const rated: { name: string; year: number; age: number }[] = [];
  const columns =
    'show_id,type,title,director,cast,country,date_added,release_year,rating,duration,listed_in,description';
  for await (const { fields } of readCsv(join(netflix, 'netflix_titles.csv.gz'), {
    columns: columns.split(','),
  })) {
    const age = AGES[fields[8]!];
    if (fields[1] === 'Movie' && age !== undefined)
      rated.push({ name: fields[2]!, year: Number(fields[7]), age });
  }
  const titles = catalogue.names.map((name, row) => ({ name, year: catalogue.year[row]! }));
  const rows = [...joinTitles(titles, rated)].flatMap((found, row) =>
    found < 0 ? [] : [`${catalogue.ids[row]},${rated[found]!.age}`],
  );
  const file = join(base, 'titles.csv');
  writeFileSync(file, ['title,maturity', ...rows, ''].join('\n'));
  const { maturity } = await withTitleRules(catalogue, file);
  const strict = maturity!.reduce((sum, age) => sum + (age >= 17 ? 1 : 0), 0);
  expect(rows.length).toBeGreaterThan(500);
  expect(strict).toBeGreaterThan(100);
  // Pulp Fiction is rated R, Inception PG-13; Toy Story is not in the list.
  expect(['296', '79132', '1'].map((id) => maturity![catalogue.rowOf.get(id)!])).toEqual([17, 13, 0]);
});
