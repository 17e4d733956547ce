import { describe, expect, it } from 'vitest';
import { AGE_GROUPS } from '../../src/ranking/catalogue.ts';
import { allowedTitles, type Limits } from '../../src/ranking/rules.ts';
import { catalogueOf } from './fixtures.ts';

const NOW = Date.UTC(2026, 9, 1);
const catalogue = {
  ...catalogueOf([{}, {}, {}, {}]),
  availableFrom: Float64Array.of(0, NOW, 0, 0),
  availableUntil: Float64Array.of(NOW, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, NOW + 1),
  availableIn: [undefined, undefined, new Set(['DE', 'FR']), undefined],
  maturity: Uint8Array.of(0, 0, 0, 16),
};
const audience = { at: NOW, country: 'DE', viewer: { ageGroup: '25-34' as const } };
const free: Limits = { banned: new Uint8Array(4), maturity: 99, unknownAge: 18 };

describe('allowedTitles', () => {
  it.each([
    ['its last moment has passed', 0, {}, false],
    ['a moment before its end', 0, { at: NOW - 1 }, true],
    ['its first moment', 1, {}, true],
    ['a moment before its first', 1, { at: NOW - 1 }, false],
    ['in one of its countries', 2, {}, true],
    ['in another country', 2, { country: 'US' }, false],
    ['where the country is unknown', 2, { country: '' }, false],
    ['old enough', 3, {}, true],
  ])('%s', (_, title, change, expected) =>
    expect(allowedTitles(catalogue, { ...audience, ...change })(title)).toBe(expected),
  );

  it('goes by the youngest of an age group; an unknown age counts as an adult', () => {
    const who = AGE_GROUPS.filter((ageGroup) =>
      allowedTitles(catalogue, { ...audience, viewer: { ageGroup } })(3),
    );
    expect(who).toEqual(AGE_GROUPS.filter((group) => group !== '13-17'));
  });

  it.each([
    ['nothing', {}, true],
    ['a ban of another title', { banned: Uint8Array.of(1, 1, 1, 0) }, true],
    ['a ban', { banned: Uint8Array.of(0, 0, 0, 1) }, false],
    ['maturity up to it', { maturity: 16 }, true],
    ['maturity under it', { maturity: 15 }, false],
    ['an unknown age, of somebody whose age is known', { unknownAge: 0 }, true],
  ])('within limits that declare %s', (_, limits, expected) =>
    expect(allowedTitles(catalogue, audience, [free, { ...free, ...limits }])(3)).toBe(expected),
  );

  it('takes an unknown age for what is declared', () => {
    const unknown = { ...audience, viewer: { ageGroup: 'unknown' as const } };
    const allowed = (unknownAge: number) => allowedTitles(catalogue, unknown, [{ ...free, unknownAge }])(3);
    expect([15, 16].map(allowed)).toEqual([false, true]);
  });

  it('rules nothing out where the catalogue has no such columns', () => {
    expect(allowedTitles(catalogueOf([{}]), { at: 0, country: '', viewer: { ageGroup: '13-17' } })(0)).toBe(
      true,
    );
  });
});
