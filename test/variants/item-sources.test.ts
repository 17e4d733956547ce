import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readDeclarations } from '../../src/files/declarations.ts';
import { itemSourcesOf } from '../../src/variants/item-sources.ts';

const read = await readDeclarations(fileURLToPath(new URL('../../experiments', import.meta.url)));
if (!read.ok) throw new Error('the shipped declarations are not valid');
const { declarations } = read;

const pipeline = (...sources: object[]) => [
  { stage: 'candidates', parameters: { sources } },
  { stage: 'fill', parameters: { take: 20 } },
];

test('the shipped declarations need no item model', () => expect(itemSourcesOf(declarations)).toEqual([]));

test.each([
  [
    'a surface',
    { surfaces: declarations.surfaces.map((one) => ({ ...one, pipeline: pipeline({ ease: 100 }) })) },
    ['ease'],
  ],
  [
    'a variant',
    {
      experiments: declarations.experiments.map((one) => ({
        ...one,
        variants: one.variants.map((variant) => ({
          ...variant,
          pipeline: pipeline({ ials: 50 }, { ease: 50 }, { itemKnn: 50 }),
        })),
      })),
    },
    ['itemKnn', 'ease'],
  ],
  [
    'the weights of a blend and of figures',
    {
      surfaces: declarations.surfaces.map((one) => ({
        ...one,
        pipeline: [
          ...pipeline({ ials: 50 }),
          { stage: 'blend', parameters: { weights: { ease: 0.5, itemKnn: 0 } } },
          { stage: 'score', parameters: { linear: { watch: 1, itemKnn: -0.1 } } },
        ],
      })),
    },
    ['itemKnn', 'ease'],
  ],
  [
    'weights of nothing',
    {
      surfaces: declarations.surfaces.map((one) => ({
        ...one,
        pipeline: [
          ...pipeline({ ials: 50 }),
          { stage: 'blend', parameters: { weights: { ease: 0, ials: 1 } } },
        ],
      })),
    },
    [],
  ],
])('those of %s are found', (_, change, expected) =>
  expect(itemSourcesOf({ ...declarations, ...change })).toEqual(expected),
);
