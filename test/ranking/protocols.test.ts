import { describe, expect, test } from 'vitest';
import type { Interactions } from '../../src/ranking/catalogue.ts';
import { officialSplit, splitBy } from '../../src/ranking/protocols.ts';
import { interactionsOf } from './fixtures.ts';

const pairs = ({ count, users, titles }: Interactions): string[] =>
  Array.from({ length: count }, (_, entry) => `${users[entry]}:${titles[entry]}`);

/** Ten titles for each of six users, one user after the other; every even title is liked. */
const rows = Array.from({ length: 60 }, (_, entry) => {
  const [user, title] = [Math.floor(entry / 10), entry % 10];
  return [user, title, title % 2 === 0 ? 1 : 0.4, entry] as const;
});
const all = interactionsOf(rows);

describe.each(['leave-last', 'next-5', 'temporal', 'strong-generalisation'] as const)('%s', (protocol) => {
  const split = splitBy(protocol, all, 0.8);

  test('what is held out is in no part that models know', () => {
    const known = new Set(pairs(split.history));
    expect(pairs(split.heldOut).filter((pair) => known.has(pair))).toEqual([]);
    const train = new Set(pairs(split.known));
    expect(pairs(split.heldOut).filter((pair) => train.has(pair))).toEqual([]);
  });

  test('the parts of what is known are all of it', () => {
    const parts = [...pairs(split.earlier), ...pairs(split.labels)].sort();
    expect(parts).toEqual(pairs(split.known).sort());
  });

  test('every part is ordered by time', () => {
    for (const part of Object.values(split)) expect([...part.at]).toEqual([...part.at].sort((a, b) => a - b));
  });
});

test.each([
  ['leave-last', 8, 2, ['0:8', '1:8', '2:8', '3:8', '4:8', '5:8']],
  ['strong-generalisation', 10, 2, ['4:8']],
] as const)(
  '%s: history of the first user, unseen of a judged one, relevant titles',
  (protocol, length, unseen, relevant) => {
    const split = splitBy(protocol, all, 0.8);
    expect(pairs(split.history).filter((pair) => pair.startsWith('0:'))).toHaveLength(length);
    expect(pairs(split.unseen).filter((pair) => pair.startsWith('4:'))).toHaveLength(unseen);
    expect(pairs(split.heldOut)).toEqual(relevant);
  },
);

test('strong-generalisation trains on none of the held-out users', () => {
  const { known, history } = splitBy('strong-generalisation', all, 0.8);
  expect(pairs(known).filter((pair) => pair.startsWith('4:'))).toEqual([]);
  expect(pairs(history).filter((pair) => pair.startsWith('4:'))).toHaveLength(8);
});

test('next-5 holds the last five, liked or not, of users with ten and more', () => {
  const short = interactionsOf([...rows, ...rows.slice(0, 9).map(([, t, w]) => [6, t, w, 99] as const)]);
  const { heldOut, known } = splitBy('next-5', short, 0.8);
  expect(pairs(heldOut).filter((pair) => pair.startsWith('0:'))).toEqual(['0:5', '0:6', '0:7', '0:8', '0:9']);
  expect(pairs(heldOut).filter((pair) => pair.startsWith('6:'))).toEqual([]);
  expect(pairs(known).filter((pair) => pair.startsWith('6:'))).toHaveLength(9);
});

describe('temporal', () => {
  const DAY = 86_400_000;
  /** By time the last two users come on the days from 40, and the first two once more on days 60 and 61. */
  const byDay = interactionsOf(
    [...rows, [0, 20, 1, 60] as const, [1, 21, 1, 61] as const].map(
      ([user, title, weight, at]) => [user, title, weight, DAY * at + 5] as const,
    ),
    6,
  );

  test('judges users with a history before the day only, by what they came to like from it on', () => {
    const { heldOut, known } = splitBy('temporal', byDay, 0.8);
    expect(Math.max(...known.at)).toBe(48 * DAY + 5);
    expect(pairs(heldOut)).toEqual(['0:20', '1:21']);
  });

  test('cuts at midnight: nothing of the day itself is known', () => {
    const late = interactionsOf(
      [...rows, [0, 20, 1, 60] as const].map(
        ([user, title, weight, at]) => [user, title, weight, (DAY / 2) * at] as const,
      ),
      6,
    );
    const { known } = splitBy('temporal', late, 0.8);
    // The interaction at floor(0.8 n) is that of noon of day 24; the one of its morning is not known either.
    expect(Math.max(...known.at)).toBeLessThan(24 * DAY);
    expect(late.at[48]).toBe(24 * DAY);
  });

  test('judges the days it is told', () => {
    const split = (from: number, days?: number) =>
      splitBy('temporal', byDay, 0.8, { from: from * DAY, ...(days === undefined ? {} : { days }) });
    expect(pairs(split(60, 1).heldOut)).toEqual(['0:20']);
    expect(pairs(split(61, 1).heldOut)).toEqual(['1:21']);
    expect(pairs(split(60).heldOut)).toEqual(['0:20', '1:21']);
    expect(pairs(split(61, 1).known)).toContain('0:20');
    expect(Math.max(...split(45).known.at)).toBe(44 * DAY + 5);
    expect(pairs(split(45, 2).heldOut)).toEqual(['4:6']);
  });
});

test('a title rated again later is not relevant: it is not shown again', () => {
  const train = interactionsOf([
    [0, 1, 1, 0],
    [0, 2, 1, 1],
  ]);
  const later = interactionsOf([
    [0, 1, 1, 2],
    [0, 3, 1, 3],
    [0, 4, 0.4, 4],
  ]);
  expect(pairs(officialSplit(train, later, 0.8).heldOut)).toEqual(['0:3']);
});
