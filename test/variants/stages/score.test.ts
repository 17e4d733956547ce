import { describe, expect, it } from 'vitest';
import type { Models, Scorer } from '../../../src/ranking/models.ts';
import type { RankingRequest } from '../../../src/variants/stage.ts';
import { score } from '../../../src/variants/stages/score.ts';
import { viewerOf } from '../../ranking/fixtures.ts';
import { NOW, smallModels, smallModelsWithItems, workOf } from '../fixtures.ts';

const models = smallModels();
/** Genres 0, 1, 2, 0; titles 36 and 37 came two and three days ago. */
const rows = [
  [0, 0.9],
  [36, 0.5],
  [37, 0.1],
  [5, 0.3],
] as const;

function scores(parameters: object, change: Partial<RankingRequest> = {}, by: Models = models): number[] {
  const work = workOf(rows, change);
  score.make(parameters as never).run([work], by);
  return [...work.candidates.score].map((value) => Math.round(value * 1e4) / 1e4);
}

const scorer = (probabilities: number[]): Scorer => ({
  name: 'fixed@1',
  featureSchema: 'any',
  score: async (batch) => Float32Array.from({ length: 4 * batch }, (_, i) => probabilities[i % 4]!),
});
const withScorer = (probabilities: number[]) =>
  smallModels({ scorers: new Map([['fixed', scorer(probabilities)]]) });

describe('score by a model', () => {
  it.each([
    ['no number', [0.1, Number.NaN, 0.3, 0.4], 'NaN'],
    ['more than 1', [0.1, 0.2, 1.5, 0.4], '1.5'],
    ['less than 0', [-1, 0.2, 0.3, 0.4], '-1'],
  ])('fails where it gives %s, and moves nothing', async (_, probabilities, told) => {
    const works = [workOf(rows), workOf(rows)];
    const stage = score.make({ model: 'fixed', weight: 1 } as never);
    await expect(stage.run(works, withScorer(probabilities))).rejects.toThrow(
      `model fixed@1 gave ${told} for a candidate`,
    );
    for (const { candidates } of works)
      expect([...candidates.score]).toEqual([...Float32Array.of(0.9, 0.5, 0.1, 0.3)]);
  });

  it('mixes what any scale says with the order so far', async () => {
    const work = workOf(rows);
    await score.make({ model: 'fixed', weight: 0.5 } as never).run([work], withScorer([-3, 7, 2, -3]));
    // The order so far, scaled, is 1, 0.5, 0, 0.25; the model's 0, 1, 0.5, 0.
    const mixed = [...work.candidates.score].map((value) => Math.round(value * 1e4) / 1e4);
    expect(mixed).toEqual([0.5, 0.75, 0.25, 0.125]);
  });

  it('refuses what is no finite number where it is mixed, too', async () => {
    const stage = score.make({ model: 'fixed', weight: 0.5 } as never);
    await expect(
      stage.run([workOf(rows)], withScorer([-3, Number.POSITIVE_INFINITY, 2, -3])),
    ).rejects.toThrow('model fixed@1 gave Infinity for a candidate; a finite number is expected');
  });

  it('does not look past the candidates of a request', async () => {
    const short = workOf([[0, 1]]);
    const stage = score.make({ model: 'fixed', weight: 1 } as never);
    await stage.run([workOf(rows), short], withScorer([0.5, 0.25, 0, 1]));
    expect(short.candidates.score[0]).toBe(0.5);
  });
});

describe('score by figures', () => {
  const seven = viewerOf([0, 5, 10, 15, 20, 25, 1]);

  it.each<[string, object, Partial<RankingRequest>, number[]]>([
    ['the order so far, scaled', { watch: 1 }, {}, [1, 0.5, 0, 0.25]],
    ['a weight below 0', { watch: -0.5 }, {}, [-0.5, -0.25, 0, -0.125]],
    // exp(-2/30), exp(-3/30), and the rest came 100 days ago.
    [
      'newness',
      { newness: 1 },
      {},
      [0, 1, scaled(Math.exp(-3 / 30), Math.exp(-100 / 30), Math.exp(-2 / 30)), 0],
    ],
    ['newness before the first moment', { newness: 1 }, { at: NOW - 50 * 86_400_000 }, [0, 1, 1, 0]],
    // Six of seven watches are of genre 0, one of genre 1, none of genre 2.
    ['diversity', { diversity: 1 }, { viewer: seven }, [0, scaled(6 / 7, 1 / 7, 1), 1, 0]],
    // Half of the candidates are of genre 0, a quarter each of the others.
    ['diversity without a history', { diversity: 1 }, {}, [0, 1, 1, 0]],
    [
      'a sum',
      { watch: 0.7, newness: 0, diversity: 0.2 },
      { viewer: seven },
      [0.7, 0.35 + 0.2 * scaled(6 / 7, 1 / 7, 1), 0.2, 0.175],
    ],
  ])('%s', (_, linear, change, expected) =>
    expect(scores({ linear }, change)).toEqual(expected.map((value) => Math.round(value * 1e4) / 1e4)),
  );

  it('business values are those of the id and of every tag', () => {
    const tags = Array.from({ length: 40 }, (_, title) =>
      title === 36 ? ['original', 'may'] : title === 5 ? ['may'] : [],
    );
    const values = { titles: { 't-0': 3, unknown: 9 }, tags: { original: 3, may: 1, toString: 5 } };
    const catalogue = { ...models.catalogue, tags };
    expect(scores({ linear: { business: 2 }, values }, {}, { ...models, catalogue })).toEqual([
      1.5, 2, 0, 0.5,
    ]);
  });

  it.each([
    ['popularity', (title: number) => models.trending.popularity[title]!],
    ['trending', (title: number) => models.trending.score[title]!],
  ])('%s', (name, figure) => {
    const values = rows.map(([title]) => figure(title));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const found = scores({ linear: { [name]: 1 } });
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(scaled(values[i]!, low, high), 3);
    });
  });

  it.each(['collaborative', 'content', 'ease', 'itemKnn'] as const)('%s', (name) => {
    const rich = smallModelsWithItems();
    const work = workOf(rows, { viewer: seven });
    score.make({ linear: { [name]: 1 } } as never).run([work], rich);
    const column = [...work.candidates[name].subarray(0, 4)];
    const [low, high] = [Math.min(...column), Math.max(...column)];
    expect(high).toBeGreaterThan(low);
    column.forEach((value, i) => {
      expect(work.candidates.score[i]).toBeCloseTo(scaled(value, low, high), 5);
    });
  });

  it('of a model that is not there fail in plain words', () => {
    expect(() => scores({ linear: { watch: 1, ease: 0.1 } })).toThrow(
      'ease was not trained for these models',
    );
  });

  it('weigh what a model gave when they come after it', async () => {
    const work = workOf(rows);
    const by = withScorer([0, 0.2, 0.4, 0.15]);
    await score.make({ model: 'fixed', weight: 1 } as never).run([work], by);
    score.make({ linear: { watch: 0.7 } } as never).run([work], by);
    expect([...work.candidates.score].map((value) => Math.round(value * 100))).toEqual([0, 35, 70, 26]);
  });
});

describe('parameters', () => {
  it.each([
    [{}, []],
    [{ model: 'a', linear: { watch: 1 } }, ['linear']],
    [{ linear: { watch: 1 }, weight: 0.5 }, ['weight']],
    [{ linear: { watch: 1 }, values: { tags: { a: 1 } } }, ['values']],
    [{ model: 'a', values: { tags: { a: 1 } } }, ['values']],
  ])('%j do not go together', (parameters, path) =>
    expect(score.mistakes!(parameters as never)).toMatchObject([{ path }]),
  );
  it.each([
    { model: 'a', weight: 1 },
    { linear: { business: 1 }, values: { tags: { a: 1 } } },
  ])('%j do', (parameters) => expect(score.mistakes!(parameters as never)).toEqual([]));
});

function scaled(value: number, low: number, high: number): number {
  return (value - low) / (high - low);
}
