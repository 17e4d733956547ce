import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OutcomeRecord } from '../../src/events/records.ts';
import { readDeclarations } from '../../src/files/declarations.ts';
import type { Plant, Records } from '../../src/simulation/planted/plant.ts';
import { PLANTS } from '../../src/simulation/planted/plants.ts';
import { inventedStream } from '../reproduce/planted-world.ts';

const parsed = await readDeclarations(join(import.meta.dirname, '..', '..', 'experiments'));
if (!parsed.ok) throw new Error('the shipped declarations are not valid');
const experiment = parsed.declarations.experiments.find(({ key }) => key === 'homepage-hybrid')!;
const { batches, subjects } = inventedStream(experiment, 60);

const applied = (plant: Plant, treated: (unit: string) => boolean): Records[] =>
  batches.map((batch) => plant.apply(batch, { seed: 1, subject: (unit) => subjects.get(unit)!, treated }));
const outcomesOf = (records: readonly Records[]) => records.flatMap(({ outcomes }) => outcomes);
const count = (outcomes: readonly OutcomeRecord[], name: string) =>
  outcomes.flatMap(({ items }) => items).filter((item) => item.name === name).length;

describe.each(PLANTS)('$key', (plant) => {
  test('is the same every time, and leaves everything of the untreated as it was', () => {
    const isTreated = (unit: string) => subjects.get(unit)!.row % 3 === 0;
    const once = applied(plant, isTreated);
    expect(applied(plant, isTreated)).toEqual(once);
    once.forEach((records, i) => {
      for (const kind of ['requests', 'exposures', 'outcomes'] as const) {
        expect(records[kind].length).toBe(batches[i]![kind].length);
        records[kind].forEach((record, at) => {
          if (!isTreated(record.unit)) expect(record).toBe(batches[i]![kind][at]);
        });
      }
    });
  });

  test('does nothing where nobody is treated', () => {
    expect(applied(plant, () => false)).toEqual(batches);
  });
});

test('what is planted is there', () => {
  const plantOf = (key: string) => PLANTS.find((plant) => plant.key === key)!;
  const before = outcomesOf(batches);
  const after = (key: string) => applied(plantOf(key), () => true);
  const slow = after('slow-arm').flatMap(({ requests }) => requests);
  batches
    .flatMap(({ requests }) => requests)
    .forEach((request, i) => {
      expect(slow[i]!.totalMicros).toBe(2 * request.totalMicros);
    });
  const clicks = count(before, 'click');
  expect(count(outcomesOf(after('narrow-slates')), 'click') / clicks).toBeCloseTo(1.3, 1);
  const bots = outcomesOf(after('bots')).filter(
    ({ items }) => items.filter(({ name }) => name === 'click').length === 20,
  );
  expect(bots.length).toBeGreaterThan(0);
  for (const { items } of bots) expect(items.some(({ name }) => name === 'watch')).toBe(false);
  const novelty = outcomesOf(after('fading-novelty'));
  novelty.forEach((outcome, i) => {
    const { firstAt } = subjects.get(outcome.unit)!;
    outcome.items.forEach((item, at) => {
      const was = before[i]!.items[at]!;
      if (item.name !== 'watch') {
        expect(item).toEqual(was);
        return;
      }
      const longer = 1 + 0.8 * 2 ** (-(outcome.at - firstAt) / 86_400_000 / 3);
      expect(item.value).toBe(Math.round(longer * was.value));
    });
  });
});
