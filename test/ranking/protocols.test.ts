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

test('temporal judges users with a history before the cut only, by what they came to like after it', () => {
  // By time the last two users are after the cut, and one later watch of the first user.
  const { heldOut, known } = splitBy(
    'temporal',
    interactionsOf([...rows, [0, 20, 1, 60], [1, 21, 0.4, 61]], 6),
    0.8,
  );
  expect(pairs(heldOut).every((pair) => pair === '0:20' || pair.startsWith('4:'))).toBe(true);
  expect(pairs(heldOut)).toContain('0:20');
  expect(Math.max(...known.at)).toBeLessThan(50);
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
