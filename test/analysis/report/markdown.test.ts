import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../../src/analysis/report/markdown.ts';
import { analyze } from '../../../src/analyze.ts';
import { aggregatesOf, experimentOf, METRICS, type Situation } from '../../support/evidence.ts';
import { richReport } from '../../support/rich-report.ts';

const markdown = (situation: Situation) =>
  reportMarkdown(analyze(experimentOf(), METRICS, aggregatesOf(situation), 'c0ffee'));

describe('Markdown', () => {
  const text = markdown({ watch: [8, 9], session: [42, 42.1] });

  it.each([
    '# homepage-hybrid',
    'ready, day 28 of 28, data to 2026-10-29 00:00 UTC, environment demo, owner home-recs',
    '## Verdict: ship (hybrid)',
    '- [x] health passes: no check fails; sample ratio p = 1.000',
    '| Watch time | hybrid | 8.00 h/week | 9.00 h/week | +1.00 h/week [+0.76 h/week, +1.24 h/week] | +12.5 %',
    '| <0.001 | <0.001 | ▲ better |',
    '| Session length | hybrid | 42.00 min | 42.10 min |',
    '| 2 % | safe |',
    '| 0.10 pp | safe | 0.10 %: kept |',
    '| Watch time | device = tv | hybrid | 10,000 |',
    'Configuration c0ffee, iteration 1.',
  ])('holds %s', (line) => {
    expect(text).toContain(line);
  });

  it('puts the verdict first and every table cell on its own', () => {
    const order = [
      '## Verdict',
      '## Health',
      '## Success metrics',
      '## Guardrails',
      '## Segments',
      '## Method',
    ];
    const places = order.map((title) => text.indexOf(title));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    for (const block of text.split('\n\n').filter((part) => part.startsWith('|'))) {
      const widths = block
        .trim()
        .split('\n')
        .map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('withholds the estimates of an invalid experiment', () => {
    const invalid = markdown({ watch: [8, 9], units: [5000, 4000] });
    expect(invalid).toContain('## Verdict: invalid');
    expect(invalid).not.toContain('## Success metrics');
  });

  it('says n/a with the reason where there is no relative change', () => {
    expect(markdown({ watch: [0, 1] })).toContain('n/a (');
  });

  const rich = reportMarkdown(richReport());

  it.each([
    [
      'both intervals',
      /\| Metric 0 \| treatment \| fixed horizon, 98\.75 %, step-wise coverage \(holm\), two-sided \| \+3\.4 % .*n 800 \| \+5\.1 % .*\(of each unit's first 7 days\)/,
    ],
    ['what an interval promises', /fixed horizon, 95 %, marginal coverage, two-sided/],
    [
      'the adjustment',
      /- Metric 0: covariates before, age; strata by tenure; 89\.6 % less variance; without it \+0\.0609 h/,
    ],
    ['the posterior', /- Metric 0: \+2\.9 % .*chance to win 93\.08 %, expected loss 0\.1 % if shipped/],
    [
      'capped values',
      /- Metric 0: values capped at 9\.00 h \(percentile 99\.9 of all arms\): control 0\.25 %/,
    ],
    ['warnings', /- Metric 0: arm control has 400 units and skewness/],
    ['novelty', /## Novelty: effect on days 8 to 14 less that on days 1 to 7\n\n- Metric 0: \+0\.0609 h/],
    ['an explored segment', /country = DE \(explored, not declared\)/],
    ['the sample ratio', /chi-square 0\.00, 1 df, p 1\.000; sequential, right at every look: p 1\.000\./],
    ['its cuts', /\| phase \| 1 \| 1\.000 \| 1\.000 \|/],
    [
      'the sections in order',
      /## Intervals.*## Adjustment.*## Posterior.*## Diagnostics.*## Novelty.*## Segments.*## Sample ratio.*## Method/s,
    ],
  ])('shows %s', (_, pattern) => {
    expect(rich).toMatch(pattern);
  });

  it('names the segment that is shipped to', () => {
    const report = richReport();
    const verdict = {
      ...report.verdict,
      variant: 'treatment',
      segment: { attribute: 'device', value: 'tv' },
    };
    expect(reportMarkdown({ ...report, verdict })).toContain('(treatment, device = tv only)');
  });

  it('shows the sample ratio also where estimates are withheld', () => {
    expect(markdown({ units: [5000, 4000] })).toMatch(
      /withheld.*## Sample ratio\n\npopular 5,000 of 4,500 expected/s,
    );
  });
});
