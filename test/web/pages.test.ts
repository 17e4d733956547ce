import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  formatDifference,
  formatDifferenceInterval,
  formatLift,
  formatLiftInterval,
  formatValue,
} from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { findChromium, launch } from './browser.ts';
import { builtPages } from './built-pages.ts';
import { type Answer, serveFixtures } from './fixture-server.ts';
import {
  immatureReport,
  interleavingReport,
  invalidReport,
  notStartedReport,
  rollBackReport,
  shippingReport,
} from './report-fixture.ts';

const chromium = findChromium();
// biome-ignore lint/performance/useDomNodeTextContent: what a reader sees, without what is folded away
const shown = (locator: Locator) => locator.innerText();

const SCRIPT = '<script>document.title = "broken in"</script><img src=x onerror="document.title=1">';

const shipping = shippingReport();
const hostile: Report = {
  ...shipping,
  experiment: { ...shipping.experiment, key: 'hostile', hypothesis: SCRIPT, yaml: SCRIPT, owner: SCRIPT },
  metrics: shipping.metrics.map((metric) => ({ ...metric, name: SCRIPT })),
};

const reports: Readonly<Record<string, Report>> = {
  'homepage-hybrid': shipping,
  'browse-ladder': rollBackReport(),
  'browse-interleaving': interleavingReport(),
  hostile,
  early: immatureReport(),
  skewed: invalidReport(),
  next: notStartedReport(),
};

const listed = (key: string, report: Report | null) => ({
  key,
  owner: report?.experiment.owner ?? 'measurement',
  design: report?.experiment.design ?? 'ab',
  hypothesis: report?.experiment.hypothesis ?? 'Nothing differs.',
  state: report?.state ?? 'collecting',
  day: report?.day ?? 3,
  plannedDays: 28,
  report,
});

const answers = new Map<string, Answer>([
  [
    '/v1/experiments',
    {
      status: 200,
      body: {
        experiments: [
          listed('homepage-aa', null),
          ...Object.entries(reports).map(([key, report]) => listed(key, report)),
        ],
      },
    },
  ],
  ...Object.entries(reports).map(
    ([key, body]) => [`/v1/experiments/${key}/report`, { status: 200, body }] as const,
  ),
  [
    '/v1/experiments/homepage-aa/report',
    {
      status: 404,
      body: {
        error: { code: 'no-report', message: 'homepage-aa has no report yet', mend: 'POST makes one' },
      },
    },
  ],
  [
    '/v1/experiments/down/report',
    { status: 503, body: { error: { code: 'database-down', message: 'the database is down' } } },
  ],
  ['/v1/experiments/slow/report', 'hang'],
]);

describe.skipIf(chromium === undefined)('report pages in Chromium', () => {
  let server: Awaited<ReturnType<typeof serveFixtures>>;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let strangers: string[];

  beforeAll(async () => {
    server = await serveFixtures(await builtPages(), answers);
    browser = await launch(chromium ?? '');
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    complaints = [];
    strangers = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.url}/`)) strangers.push(request.url());
    });
  });

  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });

  const open = async (path: string) => {
    await page.goto(`${server.url}${path}`);
    await page.locator('.report, .list, .state:not([aria-busy])').first().waitFor();
  };
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

  describe('the published test', () => {
    test('shows each figure of the JSON', async () => {
      await open('/experiments/homepage-hybrid');
      for (const metric of shipping.metrics.filter((one) => one.role !== 'guardrail')) {
        const { relative, absolute } = metric.comparisons[0]!;
        const text = await shown(page.locator(`#metric-${metric.key}`));
        if (!relative.ok || !absolute.ok) throw new Error('the fixture has estimates');
        for (const figure of [
          metric.name,
          ...metric.arms.map((arm) => formatValue(arm.value, metric.unit)),
          formatLift(relative.estimate),
          formatLiftInterval(relative.interval),
          formatDifference(absolute.estimate, metric.unit),
        ])
          expect(text).toContain(figure);
      }
      for (const metric of shipping.metrics.filter((one) => one.role === 'guardrail')) {
        const { guardrail } = metric.comparisons[0]!;
        const text = await shown(page.locator(`#guardrail-${metric.key}`));
        expect(text).toContain(guardrail!.state.replaceAll('-', ' '));
        expect(text).toContain(
          guardrail!.marginKind === 'relative'
            ? formatLiftInterval(guardrail!.harm)
            : formatDifferenceInterval(guardrail!.harm, metric.unit),
        );
      }
    });

    test('puts the verdict first, with every clause and a link to its row', async () => {
      await open('/experiments/homepage-hybrid');
      expect(await shown(page.locator('.report section').first().locator('h2'))).toBe('Ship hybrid');
      const clauses = page.locator('.clauses li');
      expect(await clauses.count()).toBe(shipping.verdict.reasons.length);
      for (const [index, reason] of shipping.verdict.reasons.entries()) {
        const clause = clauses.nth(index);
        expect(await shown(clause)).toContain(reason.text);
        if (reason.ref === undefined) continue;
        const target = await clause.locator('a').getAttribute('href');
        expect(await page.locator(target ?? '').count()).toBe(1);
      }
    });

    test('says what it is, of when, and where else it stands', async () => {
      await open('/experiments/homepage-hybrid');
      const header = await shown(page.locator('.report-header'));
      for (const fact of [
        'homepage-hybrid',
        'ready',
        '28 of planned 28',
        '2026-10-29 00:00 UTC',
        'home-recs',
      ])
        expect(header).toContain(fact);
      expect(await page.getByRole('link', { name: 'JSON' }).getAttribute('href')).toBe(
        '/v1/experiments/homepage-hybrid/report',
      );
      expect(await page.getByRole('link', { name: 'Markdown' }).getAttribute('href')).toBe(
        '/v1/experiments/homepage-hybrid/report?format=markdown',
      );
    });

    test('draws an interval for every estimate, solid and upright where it is better', async () => {
      await open('/experiments/homepage-hybrid');
      const marks = page.locator('#metric-click_through_rate .plot');
      await marks.locator('rect').first().waitFor();
      expect(await marks.locator('[aria-label="rect"]').getAttribute('fill')).toBe('var(--better)');
      // No lift can be computed for the error rate, but its harm has an interval.
      expect(await page.locator('.plot [aria-label="rect"][fill="url(#hatch-worse)"]').count()).toBe(1);
    });

    test('health, pipelines and the YAML are there', async () => {
      await open('/experiments/homepage-hybrid');
      expect(await page.locator('.card').count()).toBe(shipping.health.length);
      expect(await shown(page.locator('#health-fallback'))).toContain(
        'still loading during the first minute',
      );
      expect(await shown(page.locator('.pipeline').nth(1))).toContain('genreCap');
      await page.getByText('The YAML as reviewed').click();
      expect(await shown(page.locator('pre'))).toBe(shipping.experiment.yaml);
    });

    test('each comparison opens to how it was computed; effects by day and the sample ratio have their place', async () => {
      await open('/experiments/homepage-hybrid');
      expect(await shown(page.locator('section[aria-labelledby="success-title"] .lede'))).toContain(
        'always-valid ones, right at every look, of the first days of each user alone',
      );
      const line = page
        .locator('section[aria-labelledby="success-title"] [data-metric="watch_hours_per_week"]')
        .first();
      await line.locator('.facts > summary').click({ timeout: 5000 });
      expect(await shown(line)).toMatch(/Always valid[\s\S]*each unit's first 7 days[\s\S]*watches_before/);
      expect(await page.locator('[aria-labelledby="rhythm-title"] .plot').count()).toBe(2);
      expect(await shown(page.locator('[aria-labelledby="health-title"]'))).toContain(
        'Sample ratio: chi-square 0.08, 1 df, p 0.779; watched every day, p 1.000.',
      );
    });

    test('a lift that cannot be computed is n/a, and a true zero is zero', async () => {
      await open('/experiments/homepage-hybrid');
      const text = await shown(page.locator('#guardrail-error_rate'));
      expect(text).toContain('0.00 %');
      expect(text).toContain('0.00 pp');
      expect(text).not.toContain('n/a');
    });
  });

  describe('by keyboard', () => {
    test('every figure opens as a table', async () => {
      await open('/experiments/homepage-hybrid');
      const summary = page.locator('section[aria-labelledby="success-title"] .as-table summary');
      await summary.focus();
      await page.keyboard.press('Enter');
      const table = page.getByRole('table', { name: 'Success metrics, all figures' });
      await table.waitFor();
      expect(await table.getByRole('row').count()).toBe(7);
      const figures = await page.locator('.plot').count();
      expect(figures).toBeGreaterThan(20);
      expect(await page.locator('section:has(.plot)').count()).toBeGreaterThan(4);
      expect(await page.locator('section:has(.plot):not(:has(.as-table))').count()).toBe(0);
    });

    test('arrow keys move from day to day', async () => {
      await open('/experiments/homepage-hybrid');
      const slider = page.getByRole('slider', { name: 'Click-through rate: day' });
      await slider.focus();
      expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Day 28: \+3\d\.\d %/);
      await page.keyboard.press('ArrowLeft');
      expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Day 27: /);
      await page.keyboard.press('Home');
      expect(await slider.getAttribute('aria-valuetext')).toMatch(/^Day 1: .*immature$/);
    });

    test('the first stop skips to the content', async () => {
      await open('/experiments/homepage-hybrid');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
    });
  });

  test('segments follow the chosen metric', async () => {
    await open('/experiments/homepage-hybrid');
    const section = page.locator('section[aria-labelledby="segments-title"]');
    const interval = (metric: string) => {
      const row = shipping.segments.find((one) => one.metric === metric && one.value === 'JP')!;
      return row.relative.ok ? formatLiftInterval(row.relative.interval) : '';
    };
    expect(await shown(section.locator('.forest'))).toContain(interval('click_through_rate'));
    await section.getByRole('combobox').selectOption('genres_per_week');
    expect(await shown(section.locator('.forest'))).toContain(interval('genres_per_week'));
  });

  describe('states', () => {
    test('immature: no outcome is claimed', async () => {
      await open('/experiments/early');
      expect(await shown(page.locator('.notice'))).toContain('verdict unlocks about 5 Nov 2026');
      expect(await page.locator('.forest .mark.better, .forest .mark.worse').count()).toBe(0);
      await page.locator('.plot [aria-label="rect"]').first().waitFor();
      expect(
        await page.locator('.plot [fill="var(--better)"], .plot [fill="url(#hatch-worse)"]').count(),
      ).toBe(0);
    });

    test('invalid: the estimates are folded away', async () => {
      await open('/experiments/skewed');
      expect(await shown(page.locator('#verdict'))).toBe('Invalid');
      expect(await shown(page.locator('#health-sample-ratio'))).toContain('One arm loses exposures');
      const row = page.locator('#metric-click_through_rate');
      expect(await row.isVisible()).toBe(false);
      await page.getByText('Estimates withheld').click();
      expect(await row.isVisible()).toBe(true);
    });

    test('not started: neither verdict nor health nor figures', async () => {
      await open('/experiments/next');
      expect(await shown(page.locator('#verdict'))).toBe('No verdict yet');
      expect(await shown(page.locator('.notice'))).toContain('Enrolment opens 1 Oct 2026');
      expect(await page.locator('.card, .plot').count()).toBe(0);
    });

    test('several variants: each row names its own; a breach is hatched and points down', async () => {
      await open('/experiments/browse-ladder');
      expect(await shown(page.locator('#verdict'))).toBe('Roll back hybrid');
      const rows = page.locator('[data-guardrail="latency_p95_ms"]');
      expect(await rows.count()).toBe(2);
      expect(await shown(rows.nth(1))).toMatch(
        /diverse[\s\S]*breach[\s\S]*171\.0 ms against 150\.0 ms: broken/,
      );
    });

    test('interleaving: preference and counts', async () => {
      await open('/experiments/browse-interleaving');
      const text = await shown(page.locator('section[aria-labelledby="interleaving-title"]'));
      for (const figure of [
        '1,120',
        '611',
        '1,373',
        '+5.07 pp',
        '[+3.10 pp, +7.04 pp]',
        'hybrid is preferred',
      ])
        expect(text).toContain(figure);
      expect(await page.locator('#success-title, #guardrails-title, #secondary-title').count()).toBe(0);
    });

    test('no report yet is not an error', async () => {
      await open('/experiments/homepage-aa');
      expect(await shown(page.locator('.state'))).toContain('homepage-aa has no report yet; POST makes one.');
      expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
    });

    test('a server error says so and can be tried again', async () => {
      await open('/experiments/down');
      const alert = page.getByRole('alert');
      expect(await shown(alert)).toContain('The server answered 503: the database is down.');
      answers.set('/v1/experiments/down/report', { status: 200, body: shipping });
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.report').waitFor();
      expect(complaints.splice(0)).toEqual([expect.stringContaining('503')]);
    });

    test('while it waits, it says that it is loading', async () => {
      await page.goto(`${server.url}/experiments/slow`);
      await page.getByRole('status').waitFor();
      expect(await shown(page.getByRole('status'))).toBe('Loading report of slow …');
    });

    test('an address that is no page says so', async () => {
      await open('/experiments/a/b');
      expect(await shown(page.locator('h1'))).toBe('There is no page here');
    });
  });

  test('what others wrote is shown as text', async () => {
    await open('/experiments/hostile');
    expect(await shown(page.locator('.hypothesis'))).toBe(SCRIPT);
    expect(await page.locator('main script, main img').count()).toBe(0);
    expect(await page.title()).toBe('hostile · Screentest');
  });

  test.each(['/', ...Object.keys(reports).map((key) => `/experiments/${key}`)])(
    '%s fits a window of 360 px, with every section open',
    async (path) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await open(path);
      expect(await overflow()).toBeLessThanOrEqual(0);
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      await page.waitForTimeout(100);
      expect(await overflow()).toBeLessThanOrEqual(0);
    },
  );

  test('print opens every section', async () => {
    await open('/experiments/skewed');
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator('details:not([open])').count()).toBe(0);
  });

  describe('list', () => {
    const keys = () =>
      page.evaluate<string[]>('[...document.querySelectorAll(".experiment")].map((one) => one.dataset.key)');

    test('those that need a human stand first', async () => {
      await open('/');
      expect(await keys()).toEqual([
        'browse-ladder',
        'skewed',
        'browse-interleaving',
        'homepage-hybrid',
        'hostile',
        'early',
        'homepage-aa',
        'next',
      ]);
      const text = await shown(page.locator('[data-key="browse-ladder"]'));
      for (const fact of [
        'browse-recs',
        'day 28 of 28',
        'Roll back',
        'breach',
        'Latency p95',
        'Stop hybrid and roll back',
      ])
        expect(text).toContain(fact);
      expect(await shown(page.locator('[data-key="browse-interleaving"]'))).toContain(
        '+5.07 pp [+3.10 pp, +7.04 pp]',
      );
      const { relative } = shipping.metrics[0]!.comparisons[0]!;
      expect(await shown(page.locator('[data-key="homepage-hybrid"]'))).toContain(
        relative.ok ? formatLiftInterval(relative.interval) : '',
      );
      expect(await shown(page.locator('[data-key="skewed"]'))).not.toContain('+32.1 %');
    });

    test('filters live in the address', async () => {
      await open('/?needs=human&q=browse');
      expect(await keys()).toEqual(['browse-ladder', 'browse-interleaving']);
      await page.getByLabel('Verdict').selectOption('ship');
      expect(await keys()).toEqual(['browse-interleaving']);
      expect(new URL(page.url()).search).toBe('?q=browse&verdict=ship&needs=human');
      await page.getByLabel('Search').fill('nothing like it');
      expect(await page.getByText('No experiment matches these filters.').count()).toBe(1);
    });

    test('each leads to its report', async () => {
      await open('/');
      await page.getByRole('link', { name: 'homepage-hybrid' }).click();
      await page.locator('.report').waitFor();
      expect(await shown(page.locator('h1'))).toBe('homepage-hybrid');
    });
  });
});
