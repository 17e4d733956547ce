import { expect, test } from 'vitest';
import { buildContent, contentVector } from '../../src/ranking/content.ts';
import { catalogueOf, viewerOf } from './fixtures.ts';

const catalogue = catalogueOf([
  { text: 'A rocket crew lost in space', genres: ['Sci-Fi'], year: 1995 },
  { text: 'Space rocket to the moon', genres: ['Sci-Fi'], year: 1996 },
  { text: 'A country wedding and a kiss', genres: ['Romance'], year: 1995 },
  { text: 'The kiss before the wedding', genres: ['Romance'], year: 1997 },
  { text: '' },
  { text: 'rocket moon', genres: ['Sci-Fi'] },
  ...Array.from({ length: 10 }, (_, n) => ({ text: `filler${n % 5} alone`, genres: ['Drama'] })),
]);
const model = buildContent(catalogue, { dims: 6 });

const cosine = (a: number, b: number): number => {
  let sum = 0;
  for (let d = 0; d < model.dims; d++)
    sum += model.vectors[a * model.dims + d]! * model.vectors[b * model.dims + d]!;
  return sum;
};

test('titles that share words and genres are close, others are not', () => {
  expect(cosine(0, 1)).toBeGreaterThan(0.7);
  expect(cosine(2, 3)).toBeGreaterThan(0.7);
  expect(Math.abs(cosine(0, 2))).toBeLessThan(0.4);
  expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 3) + 0.3);
});

test('rows have norm 1, a title without content is the zero vector', () => {
  for (let title = 0; title < catalogue.size; title++)
    expect(cosine(title, title)).toBeCloseTo(title === 4 ? 0 : 1, 5);
});

test('the seed decides, and another seed hardly moves cosines', () => {
  expect(buildContent(catalogue, { dims: 6 }).vectors).toEqual(model.vectors);
  const other = buildContent(catalogue, { dims: 6, seed: 9, iterations: 8 });
  let sum = 0;
  for (let d = 0; d < 6; d++) sum += other.vectors[d]! * other.vectors[6 + d]!;
  expect(sum).toBeCloseTo(cosine(0, 1), 1);
});

test.each([
  ['without genres', [{ text: 'one two' }, { text: 'two three' }, { text: 'three four' }]],
  ['without any content', [{}, {}, {}]],
  ['with fewer terms than dimensions', [{ genres: ['Drama'] }, { genres: ['Drama'] }, { genres: ['War'] }]],
])('a catalogue %s is no error', (_, films) => {
  const { vectors } = buildContent(catalogueOf(films), { dims: 8 });
  expect(vectors).toHaveLength(films.length * 8);
  expect(vectors.every(Number.isFinite)).toBe(true);
});

test('a user is close to what they watched last, before the first watch to what they picked', () => {
  const similarity = (vector: Float32Array, title: number): number =>
    vector.reduce((sum, value, d) => sum + value * model.vectors[title * model.dims + d]!, 0);
  const switched = contentVector(model, viewerOf([...new Array(40).fill(2), ...new Array(40).fill(0)]));
  expect(similarity(switched, 1)).toBeGreaterThan(similarity(switched, 3));
  const picked = contentVector(model, viewerOf([], { picks: [3] }));
  expect(similarity(picked, 3)).toBeCloseTo(1, 5);
  expect(contentVector(model, viewerOf([]))).toEqual(new Float32Array(6));
});

test('plots and people relate titles whose names and genres say nothing', () => {
  const films = [...'abcdefgh'].map((letter) => ({ text: letter.repeat(3) }));
  const told = {
    ...catalogueOf(films),
    plots: ['a rocket leaves', 'the rocket returns', '', '', 'a garden grows', 'the garden dies', '', ''],
    people: [[], [], ['Ann Lee'], ['Ann Lee'], [], [], ['Bo Day', 'Ann'], ['Bo Day']],
  };
  const { dims, vectors } = buildContent(told, { dims: 4 });
  const near = (a: number, b: number): number => {
    let sum = 0;
    for (let d = 0; d < dims; d++) sum += vectors[a * dims + d]! * vectors[b * dims + d]!;
    return sum;
  };
  for (const pair of [0, 2, 4, 6])
    for (const other of [0, 2, 4, 6].filter((one) => one !== pair))
      expect(near(pair, pair + 1)).toBeGreaterThan(near(pair, other) + 0.5);
});

test('titles that nothing tells apart have the zero vector, not the rounding of one', () => {
  const alike = catalogueOf(Array.from({ length: 7 }, () => ({ text: 'one two three', genres: ['Drama'] })));
  expect(buildContent(alike, { dims: 3 }).vectors).toEqual(new Float32Array(21));
});
