import { describe, expect, test } from 'vitest';
import { environmentOf } from '../src/environment.ts';

const declarations = { version: 'aabbccddeeff' };
const settings = { dataFolder: '/data/ratings', viewers: 0, seed: 1 };
const invented = { dataFolder: undefined, viewers: 500, seed: 1 };
const catalogue = { version: '0123456789ab', size: 600 };
const own = environmentOf(settings, declarations, catalogue);
const ownInvented = environmentOf(invented, declarations, catalogue);

describe('an environment', () => {
  test('is called by what a person would recognise it by', () => {
    expect(own).toBe('demo-ratings-01234567-1-aabbccdd');
    expect(ownInvented).toBe('demo-500-600-1-aabbccdd');
  });

  test.each<[string, string]>([
    ['another seed', environmentOf({ ...settings, seed: 2 }, declarations, catalogue)],
    ['other declarations', environmentOf(settings, { version: '11bbccddeeff' }, catalogue)],
    // What was watched is logged by row of the catalogue.
    [
      'other titles in a folder of the same name',
      environmentOf(settings, declarations, { ...catalogue, version: '1123456789ab' }),
    ],
    ['fewer invented titles', environmentOf(invented, declarations, { ...catalogue, size: 500 })],
    ['more invented viewers', environmentOf({ ...invented, viewers: 600 }, declarations, catalogue)],
  ])('is another with %s', (_, other) => {
    expect([own, ownInvented]).not.toContain(other);
  });
});
