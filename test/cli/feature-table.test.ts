import { expect, it } from 'vitest';
import { featureHeader, featureRows } from '../../src/cli/feature-table.ts';
import { featureColumns } from '../../src/ranking/feature-columns.ts';
import { ITEM_WIDTH, itemFeatures, PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import { matchingProblem } from '../ranking/tower-fixtures.ts';
import { smallModels } from '../variants/fixtures.ts';

const models = smallModels();
const titles = models.catalogue.size;
const part = (seed: number) => ({ ...matchingProblem(60, titles, seed), items: itemFeatures(models) });

it('names every feature as a model may declare it', () => {
  const header = featureHeader();
  expect(header).toHaveLength(4 + USER_WIDTH + ITEM_WIDTH + PAIR_WIDTH);
  expect(new Set(header).size).toBe(header.length);
  for (const name of header.slice(4)) {
    const [kind, feature] = name.split('.');
    expect(featureColumns(`${kind}.${feature}`), name).toBeDefined();
  }
});

it('writes each example with its own features, slates apart', () => {
  const examples = { train: part(1), judge: part(2) };
  const rows = [...featureRows(examples, models.catalogue.ids)];
  const header = featureHeader();
  expect(rows).toHaveLength(examples.train.count + examples.judge.count);
  expect(rows.map(([slice]) => slice)).toEqual([
    ...Array(examples.train.count).fill('train'),
    ...Array(examples.judge.count).fill('judge'),
  ]);
  const at = (name: string) => header.indexOf(name);
  const { judge, train } = examples;
  const row = rows[train.count + 7]!;
  expect(row).toHaveLength(header.length);
  expect(row[at('title')]).toBe(models.catalogue.ids[judge.titles[7]!]);
  expect(row[at('label')]).toBe(judge.labels[7]);
  expect(row[at('pair.content')]).toBe(
    judge.pairs[7 * PAIR_WIDTH + featureColumns('pair.content')![0]!.offset],
  );
  expect(row[at('item.popularity')]).toBe(models.trending.popularity[judge.titles[7]!]);
  expect(row[at('user.activity')]).toBe(judge.users[judge.userRows[7]! * USER_WIDTH]);
  const slates = (slice: string) => new Set(rows.filter((one) => one[0] === slice).map((one) => one[1]));
  for (const slate of slates('judge')) expect(slates('train').has(slate)).toBe(false);
});
