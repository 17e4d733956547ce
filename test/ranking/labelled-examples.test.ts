import { describe, expect, test } from 'vitest';
import type { Interactions } from '../../src/ranking/catalogue.ts';
import { buildContent } from '../../src/ranking/content.ts';
import { PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import {
  type LabelInput,
  type LabelledExamples,
  labelledExamples,
} from '../../src/ranking/labelled-examples.ts';
import { impressionsFromRatings } from '../../src/ranking/rating-impressions.ts';
import { selectInteractions, sliceByUser } from '../../src/ranking/time-slices.ts';
import { buildTrending, TIMELESS } from '../../src/ranking/trending.ts';
import { inventedWorld } from '../../src/simulation/invented-world.ts';
import { prePeriod } from '../../src/simulation/pre-period.ts';

const END = Date.UTC(2026, 9, 1);
const TITLES = 120;
const world = inventedWorld({ seed: 7, viewers: 150, titles: TITLES });
const past = prePeriod(world, { days: 28, endMs: END });
const history = past.interactions;
const { impressions } = past;

const base = {
  catalogue: world.catalogue,
  interactions: history,
  seed: 7,
  viewerTraits: world.unitIds.map((_, viewer) => world.traits(viewer)),
  itemSources: ['itemKnn', 'ease'] as const,
  ials: { factors: 4, iterations: 3 },
};
const shown: LabelInput = {
  ...base,
  earlier: selectInteractions(history, (entry) => history.at[entry]! < impressions.at[0]!),
  labels: { kind: 'impressions', impressions },
};
const slices = sliceByUser(history);
const rated: LabelInput = {
  ...base,
  interactions: slices.known,
  earlier: slices.earlier,
  labels: { kind: 'ratings', later: slices.labels, liked: 0.5 },
  trending: TIMELESS,
};

/** Everything from `moment` on made another: other titles, other weights. */
function rewritten(interactions: Interactions, moment: number): Interactions {
  const later = (entry: number): boolean => interactions.at[entry]! >= moment;
  return {
    ...interactions,
    titles: interactions.titles.map((title, entry) => (later(entry) ? (title + 37) % TITLES : title)),
    weights: interactions.weights.map((weight, entry) => (later(entry) ? 2 - weight : weight)),
  };
}

/** User, pair and item features of the examples before `moment` in either part, of which the moments were `at`. */
function featuresOf({ train, judge }: LabelledExamples, moments: number): unknown {
  const users = [...train.users, ...judge.users].slice(0, moments * USER_WIDTH);
  const rows = [...train.userRows, ...judge.userRows.map((row) => row + train.users.length / USER_WIDTH)];
  const count = rows.findIndex((row) => row >= moments);
  const pairs = [...train.pairs, ...judge.pairs].slice(0, (count < 0 ? rows.length : count) * PAIR_WIDTH);
  return { users, pairs, items: train.items, titles: [...train.titles, ...judge.titles].slice(0, count) };
}

describe('features are as of the moment of the label', () => {
  test('with impressions: what is watched from a moment on moves no feature before it', () => {
    const moment = impressions.at[Math.floor(impressions.count / 2)]!;
    const changed = { ...shown, interactions: rewritten(history, moment) };
    const moments = new Set<string>();
    for (let row = 0; row < impressions.count && impressions.at[row]! <= moment; row++)
      moments.add(`${impressions.users[row]} ${impressions.at[row]}`);
    const [before, after] = [labelledExamples(shown), labelledExamples(changed)];
    expect(featuresOf(after, moments.size)).toEqual(featuresOf(before, moments.size));
    // The change reaches later features, or nothing would have been tested.
    expect(after.judge.pairs).not.toEqual(before.judge.pairs);
  });

  test('with impressions: no model that scores a label has seen the days of the labels', () => {
    const changed = { ...shown, interactions: rewritten(history, impressions.at[0]!) };
    const [before, after] = [labelledExamples(shown), labelledExamples(changed)];
    expect(after.ials.items).toEqual(before.ials.items);
    expect(after.train.items).toEqual(before.train.items);
    const leaking = labelledExamples({ ...shown, earlier: history });
    expect(leaking.ials.items).not.toEqual(before.ials.items);
    expect(leaking.train.items).not.toEqual(before.train.items);
  });

  test('with ratings: what came of the label slice moves no feature, only labels', () => {
    // Every label is another: liked becomes disliked, and what the user went on to watch is unknown to the features.
    const { labels } = rated;
    if (labels.kind !== 'ratings') throw new Error('ratings were meant');
    const before = labelledExamples(rated);
    const own = new Set(Array.from(slices.earlier.at, (at, entry) => `${slices.earlier.users[entry]} ${at}`));
    const known: Interactions = {
      ...slices.known,
      weights: slices.known.weights.map((weight, entry) =>
        own.has(`${slices.known.users[entry]} ${slices.known.at[entry]}`) ? weight : 2 - weight,
      ),
    };
    const after = labelledExamples({ ...rated, interactions: known });
    expect(after.train).toEqual(before.train);
    expect(after.judge).toEqual(before.judge);
    expect(before.train.labels.some((label) => label === 1)).toBe(true);
  });

  test('with ratings: no model that scores a label has seen the slice of the labels', () => {
    const before = labelledExamples(rated);
    // Of titles that the models have seen watched no label is made.
    expect(() => labelledExamples({ ...rated, earlier: slices.known })).toThrow('there are no labels');
    const without = labelledExamples({ ...rated, interactions: slices.earlier });
    expect(without.train).toEqual(before.train);
  });
});

test('users of ratings are shown as they are and as ones of few watches', () => {
  const { train, judge } = labelledExamples(rated);
  const activity = [train, judge].flatMap(({ users }) =>
    Array.from({ length: users.length / USER_WIDTH }, (_, moment) => users[moment * USER_WIDTH]!),
  );
  const watches = activity.map((one) => Math.round(Math.expm1(one * Math.log1p(200))));
  for (const few of [0, 1, 3]) expect(watches).toContain(few);
  expect(Math.max(...watches)).toBeGreaterThan(10);
  // What a told history hides is not shown either: nobody is taught that a title they know is a miss.
  const { earlier } = rated;
  const known = new Set(Array.from(earlier.users, (user, entry) => `${user} ${earlier.titles[entry]}`));
  const impressions = impressionsFromRatings({
    models: modelsOf(rated),
    earlier,
    later: slices.labels,
    profiles: rated.viewerTraits,
    liked: 0.5,
    seed: 1,
  });
  expect(impressions.count).toBeGreaterThan(100);
  for (let row = 0; row < impressions.count; row++)
    expect(known.has(`${impressions.users[row]} ${impressions.titles[row]}`)).toBe(false);
});

function modelsOf({ catalogue, earlier, ials }: LabelInput) {
  return {
    catalogue,
    content: buildContent(catalogue),
    ials: trainIals(earlier, TITLES, ials),
    trending: buildTrending(earlier, TITLES, END),
  };
}
