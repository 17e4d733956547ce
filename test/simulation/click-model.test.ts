import { describe, expect, test } from 'vitest';
import {
  CLICK_MODELS,
  type ClickModel,
  type Coin,
  clickModels,
  createPageVisit,
  keyedCoin,
  PERSEVERANCE,
} from '../../src/simulation/click-model.ts';
import { examination } from '../../src/simulation/examination.ts';

describe('examination', () => {
  test('is the published curve, then falls on', () => {
    const published = [0.68, 0.61, 0.48, 0.34, 0.28, 0.2, 0.11, 0.1, 0.08, 0.06];
    expect(published.map((_, position) => examination(position))).toEqual(published);
    for (let position = 10; position < 40; position++) {
      expect(examination(position)).toBeLessThan(examination(position - 1));
      expect(examination(position)).toBeGreaterThan(0);
    }
  });
});

const A = [0.3, 0.55, 0.8, 0.15];
const S = [0.2, 0.9, 0.4, 0.7];
const relevance = { attraction: (slot: number) => A[slot]!, satisfaction: (slot: number) => S[slot]! };

interface Way {
  readonly probability: number;
  readonly examined: readonly number[];
  readonly clicked: readonly number[];
}

/** Every way a visit can go, by trying both sides of each coin that is thrown. */
function everyWay(model: ClickModel, slots: number): Way[] {
  const ways: Way[] = [];
  const follow = (path: readonly boolean[]): void => {
    const out = createPageVisit();
    let probability = 1;
    let thrown = 0;
    let open = false;
    const coin: Coin = (_purpose, _slot, p) => {
      const side = path[thrown++];
      if (side === undefined) open = true;
      else probability *= side ? p : 1 - p;
      return side ?? false;
    };
    model.visit(coin, slots, relevance, out);
    if (open) {
      // The first coin that the path says nothing of.
      follow([...path, true]);
      follow([...path, false]);
      return;
    }
    const { viewed, clicks } = out;
    ways.push({
      probability,
      examined: [...out.examined.subarray(0, viewed)],
      clicked: [...out.clicked.subarray(0, clicks)],
    });
  };
  follow([]);
  return ways;
}

const chance = (ways: readonly Way[], what: (way: Way) => boolean) =>
  ways.filter(what).reduce((sum, way) => sum + way.probability, 0);

describe.each(CLICK_MODELS)('%s', (name) => {
  const model = clickModels[name];
  const ways = everyWay(model, 4);

  test('its ways add up to 1, each examines from the top and clicks only what it examined', () => {
    expect(chance(ways, () => true)).toBeCloseTo(1, 12);
    for (const { examined, clicked } of ways) {
      expect(examined).toEqual([...examined].sort());
      expect(clicked.every((slot) => examined.includes(slot))).toBe(true);
    }
  });

  test('keyed coins fall as often as they should', () => {
    const pages = 20_000;
    const out = createPageVisit();
    const clicks = new Int32Array(4);
    let viewed = 0;
    for (let page = 0; page < pages; page++) {
      model.visit(keyedCoin(5, page), 4, relevance, out);
      viewed += out.viewed;
      for (let nth = 0; nth < out.clicks; nth++) {
        clicks[out.clicked[nth]!]!++;
        const before = out.examined.subarray(0, out.viewed).indexOf(out.clicked[nth]!) + 1;
        expect(out.viewedBefore[nth]).toBe(before);
      }
    }
    const expected = ways.reduce((sum, { probability, examined }) => sum + probability * examined.length, 0);
    expect(Math.abs(viewed / pages - expected)).toBeLessThan(0.05);
    clicks.forEach((count, slot) => {
      const share = chance(ways, ({ clicked }) => clicked.includes(slot));
      // Five standard errors of a binomial share.
      expect(Math.abs(count / pages - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / pages));
    });
  });
});

test('position-based: P(click) is examination x attraction, and slots are independent', () => {
  const ways = everyWay(clickModels.pbm, 4);
  for (let slot = 0; slot < 4; slot++) {
    const click = examination(slot) * A[slot]!;
    expect(chance(ways, ({ clicked }) => clicked.includes(slot))).toBeCloseTo(click, 12);
    for (let other = 0; other < slot; other++)
      expect(chance(ways, ({ clicked }) => clicked.includes(slot) && clicked.includes(other))).toBeCloseTo(
        click * examination(other) * A[other]!,
        12,
      );
  }
});

test('cascade: P(click) is attraction x P(no click above), and there is at most one', () => {
  const ways = everyWay(clickModels.cascade, 4);
  let none = 1;
  for (let slot = 0; slot < 4; slot++) {
    expect(chance(ways, ({ examined }) => examined.includes(slot))).toBeCloseTo(none, 12);
    expect(chance(ways, ({ clicked }) => clicked.includes(slot))).toBeCloseTo(none * A[slot]!, 12);
    none *= 1 - A[slot]!;
  }
  expect(ways.every(({ clicked }) => clicked.length <= 1)).toBe(true);
  expect(chance(ways, ({ clicked }) => clicked.length === 0)).toBeCloseTo(none, 12);
});

test('dynamic Bayesian: who is not contented perseveres', () => {
  const ways = everyWay(clickModels.dbn, 4);
  let examined = 1;
  for (let slot = 0; slot < 4; slot++) {
    expect(chance(ways, (way) => way.examined.includes(slot))).toBeCloseTo(examined, 12);
    expect(chance(ways, ({ clicked }) => clicked.includes(slot))).toBeCloseTo(examined * A[slot]!, 12);
    examined *= PERSEVERANCE * (1 - A[slot]! * S[slot]!);
  }
  // Two clicks on neighbours: the first did not content.
  expect(chance(ways, ({ clicked }) => clicked.includes(0) && clicked.includes(1))).toBeCloseTo(
    A[0]! * (1 - S[0]!) * PERSEVERANCE * A[1]!,
    12,
  );
});
