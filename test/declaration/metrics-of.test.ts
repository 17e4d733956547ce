import { expect, test } from 'vitest';
import { metricsOf } from '../../src/declaration/metrics-of.ts';
import { declarationsOf, type Edit, errorsOf } from './texts.ts';

const onSurface = (surface: string): Edit => [
  'metrics.yaml',
  'numerator: {event: click, aggregate: count}',
  `numerator: {event: click, aggregate: count, where: {surface: ${surface}}}`,
];
const { metrics, experiments } = declarationsOf([onSurface('own')]);
const experiment = experiments[0]!;

test('`own` is the surface of the experiment that asks, and no filter where it has none', () => {
  const surfaceOf = (asking: typeof experiment) =>
    metricsOf(asking, metrics).find(({ key }) => key === 'clicks')?.numerator.where.surface;
  expect(surfaceOf(experiment)).toBe(experiment.surface);
  const { surface: _, ...elsewhere } = experiment;
  expect(surfaceOf(elsewhere)).toBeUndefined();
});

test('only the metrics that are named come along', () => {
  const none = { success: [{ metric: 'clicks' }], guardrails: [], secondary: [] };
  expect(metricsOf({ ...experiment, metrics: none }, metrics).map(({ key }) => key)).toEqual(['clicks']);
});

test('a surface that nobody declared is told with the nearest one', () => {
  const errors = errorsOf([onSurface('hompage')]);
  expect(errors).toEqual([expect.stringContaining('there is no surface hompage; did you mean homepage?')]);
});
