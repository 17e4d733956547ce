import { describe, expect, it } from 'vitest';
import { metricsOf } from '../../src/declaration/metrics-of.ts';
import { declarationsOf, type Edit, errorsOf } from './texts.ts';

const planned = (analysis: string): Edit => [
  'ranker.yaml',
  '  secondary: [retention]\n',
  `  secondary: [retention]\nanalysis: ${analysis}\n`,
];
const covariate: Edit = [
  'metrics.yaml',
  '  retention:',
  `  clicks_before:
    name: Clicks before
    description: Clicks in the four weeks before.
    kind: mean
    numerator: {event: click, aggregate: count, window: {from: -28d, to: 0d}}
    unit: clicks
    direction: higher-is-better
  retention:`,
];

describe('how an experiment is judged', () => {
  it('takes metrics from before first exposure and numeric attributes as covariates, and reads the former', () => {
    const { experiments, metrics } = declarationsOf([
      covariate,
      planned('{covariates: [clicks_before, watches_before]}'),
    ]);
    expect(experiments[0]!.analysis.covariates).toEqual(['clicks_before', 'watches_before']);
    const before = metricsOf(experiments[0]!, metrics).find(({ key }) => key === 'clicks_before');
    expect(before?.numerator.window).toEqual({ fromMs: -28 * 86_400_000, toMs: 0 });
  });

  it('normalises looks to days and a prior to fractions', () => {
    const { experiments } = declarationsOf([
      planned(
        '{interval: group-sequential, looks: [1w, 14d, 28d], prior: {relative: {mean: 0%, standardDeviation: 5%}}}',
      ),
    ]);
    expect(experiments[0]!.analysis).toMatchObject({
      looks: [7, 14, 28],
      spending: 'obrien-fleming',
      prior: { scale: 'relative', mean: 0, standardDeviation: 0.05 },
    });
  });

  it.each<[string, Edit[], RegExp]>([
    [
      'a covariate measured after exposure',
      [planned('{covariates: [clicks]}')],
      /clicks is measured after first exposure, where the treatment may move it; use a metric with window: \{from: -28d, to: 0d\}/,
    ],
    [
      'a window across first exposure',
      [covariate, ['metrics.yaml', '{from: -28d, to: 0d}', '{from: -28d, to: 7d}']],
      /numerator\.window: begins before first exposure and ends after it/,
    ],
    [
      'a covariate that is no single number',
      [
        covariate,
        ['metrics.yaml', 'aggregate: count, window: {from: -28d', 'aggregate: exists, window: {from: -28d'],
      ],
      /a covariate is one number per unit; use kind: mean/,
    ],
    [
      'success before exposure',
      [covariate, ['ranker.yaml', '{metric: clicks, minimumEffect: 2%}', '{metric: clicks_before}']],
      /clicks_before is measured before first exposure: no variant can move it/,
    ],
    ['an unknown covariate', [planned('{covariates: [watches_befor]}')], /did you mean watches_before\?/],
    [
      'an unknown segment',
      [planned('{segments: [devise]}')],
      /devise is not frozen at first exposure; did you mean device\?/,
    ],
    [
      'looks without their interval',
      [planned('{looks: [7d, 28d]}')],
      /has no meaning without interval: group-sequential/,
    ],
    [
      'no looks',
      [planned('{interval: group-sequential}')],
      /is group-sequential without looks; add looks: \[7d, 14d, 28d\]/,
    ],
    [
      'looks out of order',
      [planned('{interval: group-sequential, looks: [14d, 7d]}')],
      /analysis\.looks\[1\]: 7d is not after the look before it/,
    ],
    [
      'a look after the end',
      [planned('{interval: group-sequential, looks: [14d, 90d]}')],
      /90d is after the end; look within duration and observeFor/,
    ],
    [
      'a prior on two scales',
      [
        planned(
          '{prior: {relative: {mean: 0%, standardDeviation: 5%}, absolute: {mean: 0, standardDeviation: 1}}}',
        ),
      ],
      /either \{relative:/,
    ],
  ])('tells %s', (_, edits, pattern) => {
    const errors = errorsOf(edits);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(pattern);
  });
});
