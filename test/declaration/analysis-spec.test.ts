import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatDeclarationError } from '../../src/declaration/errors.ts';
import { parseAnalysisSpec } from '../../src/declaration/parse-analysis-spec.ts';

const parse = (text: string) => parseAnalysisSpec({ path: 'analysis.yaml', text });
const head = 'unit: u\narm: a\ncontrol: c\n';

function mistakes(text: string): readonly string[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.errors.map(formatDeclarationError);
}

describe('analysis.yaml', () => {
  it('is valid as documented', () => {
    const document = readFileSync(new URL('../../docs/analyze.md', import.meta.url), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(document)![1]!;
    const parsed = parse(example);
    expect(mistakes(example)).toEqual([]);
    expect(parsed.ok && parsed.spec).toMatchObject({
      weights: [
        { arm: 'gate_30', weight: 0.5 },
        { arm: 'gate_40', weight: 0.5 },
      ],
      metrics: [
        { metric: { key: 'retention_7', unit: '%' }, role: 'success', y: 'retention_7' },
        { metric: { cap: 0.999 }, covariates: ['rounds_before'] },
        { y: 'clicks', x: 'views' },
        { metric: { q: 0.95, direction: 'lower-is-better' }, role: 'guardrail', margin: { relative: 0.03 } },
      ],
      segments: [{ attribute: 'platform', declared: true }],
      correction: { success: 'holm', segments: 'bh' },
      alpha: 0.05,
      interval: 'fixed',
      relative: 'fieller',
    });
  });

  it('reads everything else that can be said', () => {
    const parsed = parse(`${head}weights: {c: 99%, 1: 1%}
metrics:
  - {key: y, kind: mean, column: amount, role: secondary, minimumEffect: 2%, unit: h}
  - {key: z, kind: proportion, margin: {absolute: 0.1pp}, limit: 0.5}
exploratory: [country]
strata: [device]
phase: wave
alpha: 1%
interval: always-valid
plannedUnits: 5000
relative: log
correction: {segments: by}
prior: {relative: {mean: 0%, standardDeviation: 10%}}
`);
    expect(parsed.ok && parsed.spec).toMatchObject({
      weights: [{ arm: '1' }, { arm: 'c', weight: 0.99 }],
      metrics: [
        { y: 'amount', role: 'secondary', minimumEffect: 0.02 },
        { margin: { absolute: 0.001 }, limit: 0.5, role: 'guardrail' },
      ],
      segments: [{ attribute: 'country', declared: false }],
      strata: ['wave', 'device'],
      phase: 'wave',
      alpha: 0.01,
      plannedUnits: 5000,
      relative: 'log',
      correction: { success: 'holm', segments: 'by' },
      prior: { scale: 'relative', mean: 0, standardDeviation: 0.1 },
    });
  });

  it.each([
    ['metrics: []', 'analysis.yaml:4:10 metrics: has too few entries'],
    [
      'metrics: [{key: y, kind: mean}]\nsegmets: [x]',
      'analysis.yaml:5:1 segmets: is not a known key; did you mean segments?',
    ],
    [
      'metrics: [{key: y, kind: mean}, {key: y, kind: mean}]',
      'metrics[1].key: y is also the key of metric 1',
    ],
    ['metrics: [{key: y, kind: mean, q: 0.5}]', 'q: has no meaning for kind mean'],
    ['metrics: [{key: y, kind: quantile}]', 'is a quantile without q'],
    [
      'metrics: [{key: y, kind: quantile, q: 0.5, covariates: [z]}]',
      'covariates: has no meaning for kind quantile',
    ],
    ['metrics: [{key: y, kind: mean, winsorise: 99}]', 'write a number between 0.5 and 1, such as 0.999'],
    [
      'metrics: [{key: y, kind: mean, margin: -3%}]',
      'write a share such as 3%, {relative: 3%} or {absolute: 0.1pp}',
    ],
    ['metrics: [{key: y, kind: mean, role: guardrail}]', 'is a guardrail without a margin'],
    [
      'metrics: [{key: y, kind: mean, role: success, margin: 3%}]',
      'margin: has no meaning for a success metric',
    ],
    ['metrics: [{key: y, kind: mean, limit: 3}]', 'limit: has no meaning without a margin'],
    [
      'metrics: [{key: y, kind: mean, covariates: [y]}]',
      'y is measured after exposure: it is the outcome of y',
    ],
    ['metrics: [{key: y, kind: mean, covariates: [u]}]', 'u is the column of the units'],
    ['metrics: [{key: y, kind: mean}]\nsegments: [y]', 'segments[0]: y is measured after exposure'],
    ['metrics: [{key: y, kind: mean}]\nsegments: [s]\nexploratory: [s]', 's is a declared segment'],
    ['metrics: [{key: y, kind: mean}]\nphase: p\nstrata: [p]', 'phase: p is among the strata'],
    ['metrics: [{key: y, kind: mean}]\nalpha: 60%', 'alpha: is not a level of a test'],
    ['metrics: [{key: y, kind: mean}]\nweights: {c: 0.5, d: 0.4}', 'weights: they sum to 0.9'],
    [
      'metrics: [{key: y, kind: mean}]\nweights: {b: 0.5, d: 0.5}',
      'control: c is not an arm of weights; did you mean',
    ],
    ['metrics: [{key: y, kind: mean}]\nlook: 1', 'look: has no meaning without interval: group-sequential'],
    ['metrics: [{key: y, kind: mean}]\ninterval: group-sequential', 'is group-sequential without looks'],
    [
      'metrics: [{key: y, kind: mean}]\ninterval: group-sequential\nlooks: [50%, 100%]',
      'is group-sequential without look; add look: 1',
    ],
    [
      'metrics: [{key: y, kind: mean}]\ninterval: group-sequential\nlooks: [50%, 40%]\nlook: 3',
      '40% is not after the look before it',
    ],
    [
      'metrics: [{key: y, kind: mean}]\ninterval: group-sequential\nlooks: [50%, 90%]\nlook: 3',
      'there are 2 looks; write a number from 1 to 2',
    ],
    [
      'metrics: [{key: y, kind: mean}]\ninterval: group-sequential\nlooks: [50%, 90%]\nlook: 1',
      'the last look is at 90%; end with 100%',
    ],
    ['metrics: [{key: y, kind: mean}]\ncorrection: homl', 'write one of none, bonferroni, holm'],
  ])('refuses %s', (rest, told) => {
    expect(mistakes(`${head}${rest}\n`).join('\n')).toContain(told);
  });
});
