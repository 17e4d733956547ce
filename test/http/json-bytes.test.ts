import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonBytes } from '../../src/http/json-bytes.ts';

const json = createJsonBytes();
const written = (write: () => void): string => {
  write();
  return json.take().toString();
};

describe('JSON as bytes', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [0.9, '0.9'],
    [-0.25, '-0.25'],
    [0.1234564, '0.123456'],
    [0.000001, '0.000001'],
    [0.0000001, '1e-7'],
    [1.999_999_9, '2'],
    [120.05, '120.05'],
    [999_999.999_999, '999999.999999'],
    [1e21, '1e+21'],
    [Number.NaN, '0'],
    [Number.POSITIVE_INFINITY, '0'],
  ])('writes %d as %s', (value, expected) => {
    expect(written(() => json.number(value))).toBe(expected);
  });

  it('writes every number as JSON has it, to six decimals', () => {
    const values = fc.oneof(
      fc.double({ noNaN: true, min: 0, max: 1 }),
      fc.double({ noNaN: true, min: -1e7, max: 1e7 }),
    );
    fc.assert(
      fc.property(values, (value) => {
        const rounded = Math.round(value * 1e6) / 1e6;
        expect(written(() => json.number(value))).toBe(String(rounded === 0 ? value : rounded));
      }),
    );
  });

  it('keeps what was taken while it goes on, whatever its length', () => {
    const parts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40_000 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(parts, (texts) => {
        const expected = texts.map(([text, times]) => text + 'é'.repeat(times));
        const taken = expected.map((text, i) => {
          if (i % 2 === 0) json.text(text);
          else json.bytes(Buffer.from(text));
          return json.take();
        });
        expect(taken.map(String)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
