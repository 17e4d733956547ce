import { expect, test } from 'vitest';
import { brokenPromises } from '../../src/declaration/promises.ts';
import type { Declarations, Experiment } from '../../src/declarations.ts';
import { declarationsOf, experimentOf, NOW } from '../http/fixtures.ts';

const base = experimentOf('e', [{ key: 'a' }, { key: 'b' }], { surface: 'homepage' });
const with_ = (change: Partial<Experiment>): Declarations => declarationsOf({ ...base, ...change });
const before = declarationsOf(base);
const broken = (after: Declarations, at = NOW) => brokenPromises(before, after, at);

test.each<[string, Partial<Experiment>, string]>([
  [
    'weights',
    { variants: base.variants.map((variant, i) => ({ ...variant, weight: i === 0 ? 0.9 : 0.1 })) },
    'weights',
  ],
  ['order of variants', { variants: [...base.variants].reverse() }, 'weights'],
  ['control', { control: 'b' }, 'control'],
  ['layer', { layer: { ...base.layer, name: 'other' } }, 'layer'],
  ['a smaller slice', { layer: { ...base.layer, to: base.layer.to / 2 } }, 'slice'],
  ['a later start', { startMs: NOW + 1 }, 'start'],
  ['a lower ramp', { ramp: [{ share: 0.001 }] }, 'ramp'],
  ['an earlier iteration', { iteration: base.iteration - 1 }, 'earlier iteration'],
])('%s may not change within an iteration', (_title, change, told) => {
  expect(broken(with_(change)).join()).toContain(told);
});

test('anything may change before the start, and with the next iteration', () => {
  const variants = [...base.variants].reverse();
  expect(broken(with_({ variants }), base.startMs - 1)).toEqual([]);
  expect(broken(with_({ variants, iteration: base.iteration + 1 }))).toEqual([]);
});

test('an experiment may end, another may begin, and words may change', () => {
  expect(broken(with_({ owner: 'somebody', hypothesis: 'h' }))).toEqual([]);
  expect(broken({ ...before, experiments: [] })).toEqual([]);
});
