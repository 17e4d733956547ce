import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/analysis/markdown.ts';
import { analyze } from '../../src/analyze.ts';
import { aggregatesOf, experimentOf, METRICS, type Situation } from '../support/evidence.ts';

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
});
