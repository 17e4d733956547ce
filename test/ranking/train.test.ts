import { beforeAll, describe, expect, test } from 'vitest';
import type { Impressions, Interactions } from '../../src/ranking/catalogue.ts';
import { historyReader } from '../../src/ranking/history.ts';
import { longTail } from '../../src/ranking/long-tail.ts';
import { selectInteractions, sliceByUser } from '../../src/ranking/time-slices.ts';
import { type TrainingInput, trainModels } from '../../src/ranking/train.ts';
import { CALIBRATED } from '../../src/simulation/calibrated.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { prePeriod } from '../../src/simulation/pre-period.ts';
import { interactionsOf } from './fixtures.ts';

const END = Date.UTC(2026, 9, 1);

describe('trainModels', () => {
  let input: TrainingInput;
  let impressions: Impressions;

  /** Everything known of an invented world. */
  function inputOf(viewers: number): { input: TrainingInput; impressions: Impressions } {
    // Tastes sharper than the demo's: so fewer viewers suffice to tell what learns them from what does not.
    const attraction = { least: 0.01, most: 0.9, offset: -1.3, affinity: 1.6, quality: 0.5 };
    const world = inventedWorld({ seed: 7, viewers, titles: 300, parameters: { ...CALIBRATED, attraction } });
    const past = prePeriod(world, { days: 28, endMs: END, impressionDays: 14 });
    const history = past.interactions;
    const { impressions } = past;
    const input: TrainingInput = {
      catalogue: world.catalogue,
      interactions: history,
      earlier: selectInteractions(history, (entry) => history.at[entry]! < impressions.at[0]!),
      labels: { kind: 'impressions', impressions },
      asOf: END,
      seed: 7,
      viewerTraits: world.unitIds.map((_, viewer) => world.traits(viewer)),
      ials: { factors: 4, iterations: 3 },
    };
    return { input, impressions };
  }

  beforeAll(() => {
    ({ input, impressions } = inputOf(300));
  });

  test('the re-ranker tells later labels apart, and each tower adds to it', () => {
    const { report } = trainModels(inputOf(2000).input);
    expect(report.trained).toBeGreaterThan(3 * report.judged);
    expect(report.twoTower.auc).toBeGreaterThan(0.58);
    expect(report.logistic.auc).toBeGreaterThan(0.55);
    expect(report.twoTower.auc).toBeGreaterThan(report.logistic.auc);
    expect(report.twoTower.logLoss).toBeLessThan(report.logistic.logLoss);
    expect(report.aucWithoutUserTower).toBeLessThan(report.twoTower.auc);
    expect(report.aucWithoutItemTower).toBeLessThan(report.twoTower.auc);
    expect(report.twoTower.logLoss).toBeLessThan(Math.log(2));
  });

  test('is deterministic', () => {
    const [first, second] = [trainModels(input), trainModels(input)];
    expect(second.ials.items).toEqual(first.ials.items);
    expect(second.report).toEqual(first.report);
  });

  test('what happens after an impression does not change how it is judged', () => {
    // The last day's watches can only be known to impressions after them; none of those is in the training part.
    const withoutLastDay = selectInteractions(
      input.interactions,
      (entry) => input.interactions.at[entry]! < END - 86_400_000,
    );
    const early: Impressions = truncated(impressions, (at) => at < END - 86_400_000);
    const labels = { kind: 'impressions', impressions: early } as const;
    const knowing = trainModels({ ...input, labels });
    const unknowing = trainModels({ ...input, labels, interactions: withoutLastDay });
    expect(knowing.report).toEqual(unknowing.report);
    expect(knowing.ials.items).not.toEqual(unknowing.ials.items);
  });

  test('no labels at all is an error that says so', () => {
    const none: Impressions = truncated(impressions, () => false);
    expect(() => trainModels({ ...input, labels: { kind: 'impressions', impressions: none } })).toThrow(
      /no labels to train a re-ranker on/,
    );
  });

  test('where nothing is known of impressions, later interactions are the labels; without genres too', () => {
    const few = inputOf(120).input;
    const { earlier, labels, known } = sliceByUser(few.interactions);
    const { catalogue } = few;
    const bare = {
      ...catalogue,
      genres: [],
      genreMask: new Uint32Array(catalogue.size),
      primaryGenre: new Uint8Array(catalogue.size).fill(255),
    };
    const { report } = trainModels({
      ...few,
      catalogue: bare,
      interactions: known,
      earlier,
      labels: { kind: 'ratings', later: labels, liked: 0.5 },
    });
    expect(report.positiveShare).toBeGreaterThan(0.05);
    expect(report.twoTower.auc).toBeGreaterThan(0.5);
  });
});

function truncated(impressions: Impressions, keep: (at: number) => boolean): Impressions {
  const rows = [...impressions.at.keys()].filter((row) => keep(impressions.at[row]!));
  return {
    count: rows.length,
    users: Int32Array.from(rows, (row) => impressions.users[row]!),
    titles: Int32Array.from(rows, (row) => impressions.titles[row]!),
    labels: Uint8Array.from(rows, (row) => impressions.labels[row]!),
    at: Float64Array.from(rows, (row) => impressions.at[row]!),
    devices: Uint8Array.from(rows, (row) => impressions.devices[row]!),
  };
}

describe('historyReader', () => {
  const read = historyReader(
    interactionsOf([
      [0, 5, 1, 10],
      [1, 6, 1, 15],
      [0, 7, 0.5, 20],
      [0, 8, 1, 20],
    ]),
    [{ country: 'DE', ageGroup: '25-34' }],
  );

  test.each<[number, number, number[]]>([
    [0, 10, []],
    [0, 11, [5]],
    [0, 20, [5]],
    [0, 21, [5, 7, 8]],
    [1, Number.POSITIVE_INFINITY, [6]],
    [9, 50, []],
  ])('user %i before %d', (user, at, titles) => {
    const viewer = read(user, at);
    expect([...viewer.watchedTitles.subarray(0, viewer.watchCount)]).toEqual(titles);
    expect(viewer.country).toBe(user === 0 ? 'DE' : '');
  });
});

describe('sliceByUser', () => {
  test('cuts each user at 60 and 80 percent of their own history', () => {
    const rows = Array.from({ length: 10 }, (_, n) => [0, n, 1, 100 + n] as const);
    const history = interactionsOf([[1, 50, 1, 1], ...rows], 3);
    const { earlier, labels, known, unseen } = sliceByUser(history);
    const titles = (part: Interactions): number[] => [...part.titles];
    expect(titles(earlier)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(titles(labels)).toEqual([6, 7]);
    expect(titles(known)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(titles(unseen)).toEqual([50, 8, 9]);
    expect(unseen.userCount).toBe(3);
  });
});

test('the long tail is what lies outside the head of 80 percent of watches', () => {
  // 6, 3, 1, 0 watches: the first two are 90 %, the first alone 60 %.
  const watches = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2].map((title) => [0, title] as const);
  expect([...longTail(interactionsOf(watches), 4)]).toEqual([0, 0, 1, 1]);
  expect([...longTail(interactionsOf([]), 2)]).toEqual([1, 1]);
});
