import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PackedRun, pack, unpack } from '../../src/events/pack.ts';
import { SKIP_REASONS } from '../../src/variants/stage.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const float32 = fc.float({ noNaN: true });
const byte = fc.integer({ min: 0, max: 255 });
const name = fc.string({ unit: 'grapheme', maxLength: 20 });
const filled = <T>(one: fc.Arbitrary<T>, n: number) => fc.array(one, { minLength: n, maxLength: n });

const run: fc.Arbitrary<PackedRun> = fc.nat(60).chain((slots) =>
  fc.record({
    slate: fc
      .tuple(
        filled(int32, slots),
        filled(float32, slots),
        filled(float32, slots),
        filled(int32, slots),
        filled(byte, slots),
        fc.option(filled(byte, slots), { nil: undefined }),
      )
      .map(([titles, scores, propensities, because, sources, teams]) => ({
        titles: Int32Array.from(titles),
        scores: Float32Array.from(scores),
        propensities: Float32Array.from(propensities),
        because: Int32Array.from(because),
        sources: Uint8Array.from(sources),
        ...(teams ? { teams: Uint8Array.from(teams) } : {}),
      })),
    stages: fc.array(
      fc.record({ stage: name, micros: fc.nat(2 ** 32 - 1), titles: fc.oneof(fc.nat(300), fc.nat(2 ** 40)) }),
      { maxLength: 9 },
    ),
    skipped: fc.array(fc.record({ stage: name, reason: fc.constantFrom(...SKIP_REASONS) }), { maxLength: 4 }),
    relaxed: byte,
  }),
);

describe('pack', () => {
  test('unpack is its inverse, from a Buffer as well', () => {
    fc.assert(
      fc.property(run, (original) => {
        const bytes = pack(original);
        expect(unpack(bytes)).toEqual(original);
        expect(unpack(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3))).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  test('bytes cut off or added anywhere are a clear error', () => {
    fc.assert(
      fc.property(run, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (original, share) => {
        const bytes = pack(original);
        expect(() => unpack(bytes.subarray(0, Math.floor(share * bytes.length)))).toThrow(/damaged/);
        expect(() => unpack(Uint8Array.of(...bytes, 0))).toThrow(/damaged/);
      }),
    );
  });

  test('rows of version 1 are read', () => {
    // One slot of title 7 with score 1, propensity 0.5, no reason, source 2; stage "fill" of 300 microseconds.
    const slot = [7, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f, 255, 255, 255, 255, 2];
    const row = Uint8Array.of(1, 0, 1, 1, ...slot, 0x2c, 1, 0, 0, 4, ...new TextEncoder().encode('fill'));
    expect(unpack(row)).toEqual({
      slate: {
        titles: Int32Array.of(7),
        scores: Float32Array.of(1),
        propensities: Float32Array.of(0.5),
        because: Int32Array.of(-1),
        sources: Uint8Array.of(2),
      },
      stages: [{ stage: 'fill', micros: 300, titles: 0 }],
      skipped: [],
      relaxed: 0,
    });
  });

  test('another version is named', () => {
    expect(() => unpack(Uint8Array.of(9, 0, 0, 0))).toThrow(
      'version 9 is unknown; this program reads 1 to 2',
    );
  });

  test('20 slots and 5 stages stay under 420 bytes', () => {
    const n = 20;
    const bytes = pack({
      slate: {
        titles: new Int32Array(n),
        scores: new Float32Array(n),
        propensities: new Float32Array(n),
        because: new Int32Array(n),
        sources: new Uint8Array(n),
      },
      stages: ['candidates', 'blend', 'score', 'boost', 'fill'].map((stage) => ({
        stage,
        micros: 9,
        titles: 6_400,
      })),
      skipped: [],
      relaxed: 0,
    });
    expect(bytes.length).toBeLessThan(420);
  });

  test('columns of different lengths are refused', () => {
    const slate = unpack(
      pack({
        slate: {
          titles: new Int32Array(2),
          scores: new Float32Array(2),
          propensities: new Float32Array(2),
          because: new Int32Array(2),
          sources: new Uint8Array(2),
        },
        stages: [],
        skipped: [],
        relaxed: 0,
      }),
    ).slate;
    const run = { slate: { ...slate, sources: new Uint8Array(1) }, stages: [], skipped: [], relaxed: 0 };
    expect(() => pack(run)).toThrow('differ in length');
  });
});
