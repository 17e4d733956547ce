import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssignOptions, createAssigner, type ExperimentState } from '../../src/assignment/assign.ts';
import type { Attributes } from '../../src/assignment/decision.ts';
import type { Experiment, Layer } from '../../src/declarations.ts';
import { DAY, experiment, mainLayer, START } from './experiments.ts';

const ramp = [{ share: 0.01, forMs: DAY }, { share: 0.1, forMs: 2 * DAY }, { share: 1 }];

function assigner(
  experiments: readonly Experiment[] = [experiment()],
  layers: readonly Layer[] = [mainLayer],
) {
  return createAssigner({ experiments, layers });
}

function reasonOf(
  changes: Partial<Experiment>,
  attributes: Attributes = {},
  at = START,
  options: AssignOptions = {},
) {
  return assigner([experiment(changes)]).assign('u-1', attributes, at, options)[0]!.reason;
}

const state = (value: ExperimentState) => ({ states: new Map([['ranker', value]]) });

describe('reasons', () => {
  it.each<[string, Partial<Experiment>, Attributes, number, AssignOptions, string]>([
    ['a unit of a running experiment', {}, {}, START, {}, 'assigned'],
    ['before the start', {}, {}, START - 1, {}, 'not-started'],
    ['on the last millisecond of observation', {}, {}, START + 58 * DAY - 1, {}, 'assigned'],
    ['after observation', {}, {}, START + 58 * DAY, {}, 'ended'],
    ['a time that is no number', {}, {}, Number.NaN, {}, 'not-started'],
    ['an empty slice', { layer: { name: 'main', from: 0.5, to: 0.5 } }, {}, START, {}, 'layer-taken'],
    ['a ramp that nobody is in', { ramp: [{ share: 0 }] }, {}, START, {}, 'outside-ramp'],
    ['stopped', {}, {}, START, state({ stopped: true }), 'stopped'],
    [
      'stopped and forced',
      {},
      {},
      START,
      { ...state({ stopped: true }), forced: { ranker: 'b' } },
      'stopped',
    ],
    ['not stopped', {}, {}, START, state({ stopped: false }), 'assigned'],
    ['forced', {}, {}, START, { forced: { ranker: 'b' } }, 'forced'],
    ['forced before the start', {}, {}, START - DAY, { forced: { ranker: 'b' } }, 'forced'],
    ['forced after the end', {}, {}, START + 58 * DAY, { forced: { ranker: 'b' } }, 'ended'],
    [
      'forced past its targeting',
      { targeting: { any: [] } },
      {},
      START,
      { forced: { ranker: 'b' } },
      'forced',
    ],
    ['forced to what is no variant', {}, {}, START, { forced: { ranker: 'c' } }, 'assigned'],
    ['forced in another experiment', {}, {}, START, { forced: { other: 'b' } }, 'assigned'],
    ['forced by inheritance', {}, {}, START, { forced: Object.create({ ranker: 'b' }) }, 'assigned'],
  ])('%s', (_, changes, attributes, at, options, reason) => {
    expect(reasonOf(changes, attributes, at, options)).toBe(reason);
  });

  it('a holdout comes before the slice', () => {
    const layer = { ...mainLayer, holdout: { name: 'global', share: 1 } };
    const [answer] = assigner([experiment({ layer: { name: 'main', from: 0, to: 0 } })], [layer]).assign(
      'u-1',
      {},
      START,
    );
    expect(answer).toEqual({
      experiment: 'ranker',
      iteration: 1,
      variant: null,
      reason: 'holdout',
      phase: 0,
    });
  });

  it('a unit forced into one experiment is taken from the others of the layer', () => {
    const first = experiment({ key: 'first', layer: { name: 'main', from: 0, to: 0.5 } });
    const second = experiment({ key: 'second', layer: { name: 'main', from: 0.5, to: 1 } });
    const elsewhere = experiment({ key: 'elsewhere', layer: { name: 'side', from: 0, to: 1 } });
    const all = assigner([first, second, elsewhere], [mainLayer, { name: 'side', salt: 'layer-side' }]);
    for (const forced of [{ first: 'a' }, { second: 'a' }]) {
      const reasons = all.assign('u-1', {}, START, { forced }).map((answer) => answer.reason);
      expect(reasons).toEqual(
        'first' in forced ? ['forced', 'layer-taken', 'assigned'] : ['layer-taken', 'forced', 'assigned'],
      );
    }
  });
});

describe('phases', () => {
  it.each([
    [-1, -1],
    [0, 0],
    [DAY - 1, 0],
    [DAY, 1],
    [3 * DAY - 1, 1],
    [3 * DAY, 2],
    [57 * DAY, 2],
  ])('%d ms after the start it is phase %d', (after, phase) => {
    expect(assigner([experiment({ ramp })]).assign('u-1', {}, START + after)[0]!.phase).toBe(phase);
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [9, 2],
    [-3, 0],
    [1.7, 1],
    [Number.NaN, 2],
  ])('an operator who sets phase %d gets phase %d', (set, phase) => {
    const [answer] = assigner([experiment({ ramp })]).assign('u-1', {}, START, state({ phase: set }));
    expect(answer!.phase).toBe(phase);
  });

  it('raising a ramp moves nobody and only adds units', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.string(),
        share,
        share,
        fc.integer({ min: 1, max: 9 }),
        (unit, one, other, iteration) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          const at = (share: number) =>
            assigner([experiment({ iteration, ramp: [{ share }] })]).assign(unit, {}, START)[0]!;
          const [before, after] = [at(low), at(high)];
          if (before.reason === 'assigned') expect(after.variant).toBe(before.variant);
          if (after.reason !== 'assigned') expect(before.reason).not.toBe('assigned');
        },
      ),
    );
  });

  it('a unit keeps its variant from its first day to the last', () => {
    const all = assigner([experiment({ ramp })]);
    fc.assert(
      fc.property(fc.string(), (unit) => {
        const seen = new Set<string>();
        for (let day = 0; day < 58; day++) {
          const { variant } = all.assign(unit, {}, START + day * DAY)[0]!;
          if (variant !== null) seen.add(variant);
          else expect(seen.size).toBe(0);
        }
        expect(seen.size).toBe(1);
      }),
    );
  });
});

describe('exclusion', () => {
  it('experiments in disjoint slices of a layer never share a unit', () => {
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string(), cut, (unit, to) => {
        const all = assigner([
          experiment({ key: 'first', layer: { name: 'main', from: 0, to } }),
          experiment({ key: 'second', layer: { name: 'main', from: to, to: 1 } }),
        ]);
        const reasons = all.assign(unit, {}, START).map((answer) => answer.reason);
        expect(reasons.sort()).toEqual(['assigned', 'layer-taken']);
      }),
    );
  });
});

describe('a total function', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'country'));
  const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(undefined));
  const attributes = fc.oneof(
    fc.dictionary(names, value),
    fc.dictionary(names, value, { noNullPrototype: false }),
    fc.array(fc.tuple(names, value)).map((entries) => {
      const own = {};
      for (const [name, found] of entries)
        Object.defineProperty(own, name, { value: found, enumerable: true, configurable: true });
      return own as Attributes;
    }),
  );

  it('answers for any unit, attributes, time and targeting, the same each time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        attributes,
        fc.double(),
        names,
        fc.dictionary(names, names),
        (unit, given, at, attribute, forced) => {
          const all = assigner([
            experiment({ targeting: { not: { attribute, operator: 'equals', value: 'x' } } }),
            experiment({ key: 'constructor', targeting: { attribute, operator: 'exists', value: true } }),
          ]);
          const first = all.assign(unit, given, at, { forced });
          expect(all.assign(unit, given, at, { forced })).toEqual(first);
          expect(
            ['ranker', 'constructor'].map((key) => all.assignOne(key, unit, given, at, { forced })),
          ).toEqual(first);
          for (const { variant, reason } of first)
            expect(variant !== null).toBe(reason === 'assigned' || reason === 'forced');
        },
      ),
    );
  });

  it('does not take what every object inherits for an attribute', () => {
    for (const attribute of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      const targeting = { attribute, operator: 'exists', value: true } as const;
      expect(reasonOf({ targeting }, {})).toBe('not-targeted');
      expect(reasonOf({ targeting }, JSON.parse(`{"${attribute}": "x"}`))).toBe('assigned');
    }
  });

  it('places a unit of 100,000 characters', () => {
    const unit = 'ü'.repeat(100_000);
    expect(assigner().assign(unit, {}, START)[0]!.reason).toBe('assigned');
  });

  it('knows no experiment that was not declared', () => {
    expect(assigner().assignOne('constructor', 'u-1', {}, START)).toBeUndefined();
  });
});
