import { expect, it } from 'vitest';
import { parseAnalysisSpec } from '../../src/declaration/parse-analysis-spec.ts';
import { passedChecks } from '../../src/duckdb/passed-checks.ts';

const specOf = (metrics: string, more = '') => {
  const text = `unit: u\narm: a\ncontrol: c\nmetrics:\n${metrics}${more}`;
  const parsed = parseAnalysisSpec({ path: 'analysis.yaml', text });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.spec;
};
const keys = (...args: Parameters<typeof passedChecks>) => passedChecks(...args).map(({ key }) => key);
const always = ['non-numeric', 'infinite', 'missing-values', 'constant'];

it('tells what was looked at, as far as the metrics give reason to', () => {
  expect(keys(specOf('  - {key: y, kind: mean}\n'), [])).toEqual(always);
  expect(keys(specOf('  - {key: y, kind: proportion, covariates: [z]}\n'), [])).toEqual([
    ...always,
    'not-a-proportion',
    'missing-covariates',
    'post-exposure-covariate',
    'covariate-imbalance',
  ]);
  expect(
    keys(
      specOf('  - {key: r, kind: ratio, numerator: y, denominator: x, covariates: [z]}\n', 'strata: [s]\n'),
      [],
    ),
  ).toEqual([...always, 'negative-denominator', 'missing-covariates', 'post-exposure-covariate']);
});

it('does not call passed what was found wanting', () => {
  const missing = {
    key: 'missing-values',
    status: 'warn',
    count: 3,
    text: 'y is missing in 3 units',
  } as const;
  expect(keys(specOf('  - {key: y, kind: mean}\n'), [missing])).not.toContain('missing-values');
});
