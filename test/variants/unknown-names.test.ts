import { expect, test } from 'vitest';
import { unknownNames } from '../../src/variants/unknown-names.ts';
import { catalogueOf, declarationsOf, experimentOf } from '../http/fixtures.ts';

const catalogue = { ...catalogueOf(3), tags: [['original'], [], ['may', 'original']] };

test('names that mean no title are told with their place', () => {
  const pipeline = [
    {
      stage: 'candidates',
      parameters: { sources: [], rules: { ban: { titles: ['t-1', 't-9'], genres: ['Comedy', 'Comdey'] } } },
    },
    {
      stage: 'score',
      parameters: { linear: { business: 1 }, values: { tags: { may: 1, june: 2 }, titles: { x: 1 } } },
    },
    { stage: 'boost', parameters: { business: [{ tags: ['original', 'orignal'], add: 0.1 }] } },
  ];
  const experiment = experimentOf('prices', [{ key: 'old' }, { key: 'new', pipeline }]);
  expect(unknownNames(declarationsOf(experiment), catalogue)).toEqual([
    'prices/new, candidates: no title of the catalogue has the id t-9',
    'prices/new, candidates: no title of the catalogue has the genre Comdey',
    'prices/new, score: no title of the catalogue has the id x',
    'prices/new, score: no title of the catalogue has the tag june',
    'prices/new, boost: no title of the catalogue has the tag orignal',
  ]);
});

test('those of a surface, too; the shipped ones say none', () => {
  const surfaces = [
    {
      name: 'home',
      slots: 4,
      pipeline: [{ stage: 'candidates', parameters: { rules: { ban: { tags: ['z'] } } } }],
    },
  ];
  expect(unknownNames({ ...declarationsOf(), surfaces }, { ...catalogueOf(3) })).toEqual([
    'surface home, candidates: no title of the catalogue has the tag z',
  ]);
  expect(unknownNames(declarationsOf(), catalogue)).toEqual([]);
});
