import { describe, expect, it } from 'vitest';
import { interleave } from '../../src/variants/interleave.ts';
import type { Slate } from '../../src/variants/stage.ts';

const slateOf = (...titles: number[]): Slate => ({
  titles: Int32Array.from(titles),
  scores: Float32Array.from(titles, (_, i) => 1 - i / 10),
  sources: new Uint8Array(titles.length),
  propensities: new Float32Array(titles.length).fill(1),
  because: new Int32Array(titles.length).fill(-1),
});

/** Every list the draft can make: coins are dealt as a binary counter until each sequence of needed coins was seen. */
function everyDraft(
  first: Slate,
  second: Slate,
  slots: number,
): Map<string, { chance: number; slate: Slate }> {
  const lists = new Map<string, { chance: number; slate: Slate }>();
  const seen = new Set<string>();
  for (let coins = 0; coins < 1 << slots; coins++) {
    let used = '';
    const slate = interleave(first, second, slots, () => {
      const coin = (coins >> used.length) & 1;
      used += coin;
      return coin / 2;
    });
    if (seen.has(used)) continue;
    seen.add(used);
    const key = [...slate.titles].map((title, slot) => `${title}${'ab'[slate.teams![slot]!]}`).join(' ');
    const before = lists.get(key)?.chance ?? 0;
    lists.set(key, { chance: before + 0.5 ** used.length, slate });
  }
  return lists;
}

describe('interleave', () => {
  it.each([
    ['disjoint lists', [1, 2], [3, 4], 4, ['1a 3b 2a 4b', '1a 3b 4b 2a', '3b 1a 2a 4b', '3b 1a 4b 2a']],
    ['equal lists', [1, 2], [1, 2], 2, ['1a 2b', '1b 2a']],
    ['lists in reverse', [1, 2], [2, 1], 2, ['1a 2b', '2b 1a']],
    [
      'overlapping lists (Radlinski et al. 2008, fig. 1 in small)',
      [1, 2, 3],
      [2, 4, 1],
      3,
      ['1a 2b 3a', '1a 2b 4b', '2b 1a 3a', '2b 1a 4b'],
    ],
    ['a list that runs out', [1], [2, 3, 4], 4, ['1a 2b 3b 4b', '2b 1a 3b 4b']],
    ['an empty list', [], [1, 2], 2, ['1b 2b']],
    ['fewer titles than slots', [1], [1], 3, ['1a', '1b']],
  ])('makes every legal list of %s and no other', (_, first, second, slots, expected) => {
    const drafts = everyDraft(slateOf(...first), slateOf(...second), slots);
    expect([...drafts.keys()].sort()).toEqual(expected);
  });

  it.each([
    ['disjoint lists', [1, 2, 3], [4, 5, 6]],
    ['overlapping lists', [1, 2, 3], [2, 1, 4]],
    ['equal lists', [1, 2, 3], [1, 2, 3]],
  ])('knows the propensity of each slot of %s', (_, first, second) => {
    const drafts = [...everyDraft(slateOf(...first), slateOf(...second), 3).values()];
    expect(drafts.reduce((sum, { chance }) => sum + chance, 0)).toBeCloseTo(1, 12);
    const prefix = (slate: Slate, slot: number) =>
      `${[...slate.titles.subarray(0, slot)]}|${[...slate.teams!.subarray(0, slot)]}`;
    for (const { slate } of drafts) {
      for (let slot = 0; slot < 3; slot++) {
        const same = drafts.filter((other) => prefix(other.slate, slot) === prefix(slate, slot));
        const here = same.filter((other) => other.slate.titles[slot] === slate.titles[slot]);
        const total = (some: typeof drafts) => some.reduce((sum, { chance }) => sum + chance, 0);
        expect(slate.propensities[slot]).toBeCloseTo(total(here) / total(same), 6);
      }
    }
  });

  it("keeps the placing ranker's score, source and reason, and its own propensity", () => {
    const first = { ...slateOf(1), propensities: Float32Array.of(0.25), because: Int32Array.of(9) };
    const second = { ...slateOf(1), propensities: Float32Array.of(0.75), scores: Float32Array.of(0.5) };
    const slate = interleave(first, second, 1, () => 0.9);
    expect(slate).toMatchObject({
      scores: Float32Array.of(0.5),
      because: Int32Array.of(-1),
      teams: Uint8Array.of(1),
    });
    expect(slate.propensities[0]).toBeCloseTo((0.25 + 0.75) / 2, 6);
  });
});
