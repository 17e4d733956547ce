import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteDeclarationError } from '../../src/declaration/errors.ts';
import { toEpochMs, toMs, toNumber } from '../../src/declaration/quantities.ts';
import { sha256 } from '../../src/declaration/sha256.ts';
import { nearest, suggestion } from '../../src/declaration/suggest.ts';

describe('quantities', () => {
  it.each<[string | number, number]>([
    [0.5, 0.5],
    ['50%', 0.5],
    ['0.1%', 0.001],
    ['99.9%', 0.999],
    ['0.1pp', 0.001],
    ['1/3600', 1 / 3600],
    ['1/1000000', 1e-6],
  ])('toNumber of %s is %d', (text, value) => expect(toNumber(text)).toBe(value));

  it.each([
    ['90m', 5_400_000],
    ['24h', 86_400_000],
    ['28d', 2_419_200_000],
    ['4w', 2_419_200_000],
    ['0d', 0],
  ])('toMs of %s is %d', (text, value) => expect(toMs(text)).toBe(value));

  it.each(['2026-02-29', '2026-13-01', '2026-00-10', '2026-04-31T10:00Z', '2026-04-30T25:00Z'])(
    '%s is no time',
    (text) => expect(toEpochMs(text)).toBeUndefined(),
  );
});

describe('suggestions', () => {
  const known = ['watch_hours_per_week', 'click_through_rate', 'retention_7d', 'retention_30d'];
  it.each([
    ['watch_hour_per_week', 'watch_hours_per_week'],
    ['clickthroughrate', 'click_through_rate'],
    ['Retention_7d', 'retention_7d'],
    ['retentoin_30d', 'retention_30d'],
    ['xyz', undefined],
    ['', undefined],
  ])('%s: %s', (typed, expected) => expect(nearest(typed, known)).toBe(expected));

  it('lists what there is when nothing is near', () => {
    expect(suggestion('zzz', ['a', 'b'])).toBe('use one of a, b');
    expect(suggestion('zzz', [])).toBe('none is declared');
  });
});

describe('the quoted line', () => {
  const at = (line: number, column: number) => ({ file: 'x', line, column, path: '', problem: '', mend: '' });
  it.each([
    ['a caret under the column', at(2, 4), 'a: 1\nb: oops\n', '  b: oops\n     ^'],
    ['tabs as wide as a caret', at(1, 3), '\ta: 1', '   a: 1\n    ^'],
    ['nothing for an empty line', at(2, 1), 'a\n\nb', ''],
    ['nothing past the end', at(9, 1), 'a', ''],
  ])('%s', (_, error, text, expected) => expect(quoteDeclarationError(error, text)).toBe(expected));

  it('is cut to what is near', () => {
    const [line, caret] = quoteDeclarationError(at(1, 501), `${'-'.repeat(500)}X${'-'.repeat(500)}`).split(
      '\n',
    );
    expect(line!.length).toBeLessThan(140);
    expect(line![caret!.indexOf('^')]).toBe('X');
  });
});

it('sha256 equals that of node:crypto', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }),
  );
});
