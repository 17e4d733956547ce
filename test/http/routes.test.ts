import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouteOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { BODY_LIMIT } from '../../src/http/server.ts';
import { DAY, declarationsOf, NOW, START } from './fixtures.ts';
import { ab, type Harness, harness, outside, reportOf } from './harness.ts';

let h: Harness;
const fresh = (...given: Parameters<typeof harness>) => {
  h = harness(...given);
  return h;
};
afterEach(() => h.app.close());
const put = (url: string, payload: object) => h.app.inject({ method: 'PUT', url, payload });

describe('PUT /v1/users/:userId', () => {
  it('makes the profile durable, then known', async () => {
    fresh();
    const answer = await put('/v1/users/u-1', { country: 'DE', picks: ['t-2', 't-5'] });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      user_id: 'u-1',
      country: 'DE',
      age_group: 'unknown',
      picks: ['t-2', 't-5'],
    });
    expect(h.saved).toEqual([{ user: 'u-1', profile: { country: 'DE', picks: [2, 5] } }]);
    expect((await put('/v1/users/u-1', { age_group: '55+' })).json()).toMatchObject({
      country: 'DE',
      age_group: '55+',
    });
  });

  it.each([
    [{ country: 'Germany' }, 'body.country'],
    [{ age_group: '20-29' }, 'body.age_group'],
    [{ picks: ['t-1', 't-99'] }, 'body.picks.1'],
    [{ name: 'Ada' }, 'body.name'],
    [{}, 'body'],
  ])('refuses %j', async (profile, place) => {
    fresh();
    const answer = await put('/v1/users/u-1', profile);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.place).toBe(place);
    expect(h.saved).toEqual([]);
  });

  it('changes nothing when nothing can be made durable', async () => {
    fresh();
    h.failing.profiles = true;
    const answer = await put('/v1/users/u-1', { country: 'DE' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(h.viewers.get('u-1').country).toBe('');
  });
});

describe('GET /v1/assignments/:userId', () => {
  it('evaluates and exposes nobody', async () => {
    fresh();
    const answer = (await h.app.inject('/v1/assignments/u-1?device=tv&country=US')).json();
    expect(answer).toMatchObject({ user_id: 'u-1', configuration: 'configuration-front-page+prices' });
    expect(answer.experiments.map(({ reason }: { reason: string }) => reason)).toEqual([
      'assigned',
      'assigned',
    ]);
    expect(h.log.exposures).toEqual([]);
    const slate = (await h.app.inject('/v1/recommendations/u-1?device=tv&country=US')).json();
    expect(slate.experiments).toEqual(answer.experiments);
  });

  it.each(['?surface=kiosk', '?device=fridge', '?nonsense=1'])('refuses %s', async (query) => {
    fresh();
    expect((await h.app.inject(`/v1/assignments/u-1${query}`)).statusCode).toBe(400);
  });
});

describe('experiments', () => {
  it('are listed with their state and latest report', async () => {
    fresh();
    h.reports.set('front-page', reportOf('front-page'));
    h.reports.set('prices', reportOf('prices', 2));
    const { experiments } = (await h.app.inject('/v1/experiments')).json();
    expect(experiments).toHaveLength(2);
    expect(experiments[0]).toMatchObject({
      key: 'front-page',
      owner: 'tests',
      design: 'ab',
      state: 'ready',
      day: 1,
      plannedDays: 28,
      surface: 'homepage',
      report: { verdict: { decision: 'ship' } },
    });
    // The report of another iteration is not this one's.
    expect(experiments[1]).toMatchObject({ key: 'prices', state: 'collecting', surface: null, report: null });
  });

  it.each([
    [START - 1, false, 'not-started', 0],
    [START, false, 'collecting', 1],
    [START + 40 * DAY, false, 'collecting', 28],
    [START + 58 * DAY, false, 'ended', 28],
    [START + DAY, true, 'stopped', 2],
  ])('at %i (stopped: %s) are %s on day %i', async (now, stopped, state, day) => {
    fresh(declarationsOf(ab), { clock: () => now });
    if (stopped) h.states.set('front-page', { stopped });
    expect((await h.app.inject('/v1/experiments/front-page')).json()).toMatchObject({ state, day });
  });

  it('are shown as declared', async () => {
    fresh();
    expect((await h.app.inject('/v1/experiments/front-page')).json()).toMatchObject({
      key: 'front-page',
      control: 'control',
      start: '2026-10-01T00:00:00.000Z',
      observeUntil: '2026-11-28T00:00:00.000Z',
      variants: [
        { key: 'control', weight: 0.5, pipeline: null },
        { key: 'treatment', weight: 0.5, pipeline: [{ stage: 'from', parameters: { title: 6 } }] },
      ],
      file: 'experiments/front-page.yaml',
      yaml: 'key: front-page\n',
    });
  });

  it.each([
    ['GET', '/v1/experiments/front-pag'],
    ['GET', '/v1/experiments/front-pag/report'],
    ['POST', '/v1/experiments/front-pag/analyses'],
    ['GET', '/v1/experiments/front-pag/analyses/job-1'],
  ] as const)('%s %s answers 404 with a suggestion', async (method, url) => {
    fresh();
    const answer = await h.app.inject({ method, url });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error).toEqual({
      code: 'unknown-experiment',
      message: 'no experiment is called front-pag',
      place: 'params.key',
      mend: 'did you mean front-page?',
    });
  });
});

describe('analyses', () => {
  const url = '/v1/experiments/front-page/analyses';

  it('are queued, by default up to now', async () => {
    fresh();
    const answer = await h.app.inject({ method: 'POST', url });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({
      job: 'job-1',
      experiment: 'front-page',
      cutoff: '2026-10-01T01:00:00.000Z',
      status: '/v1/experiments/front-page/analyses/job-1',
      report: '/v1/experiments/front-page/report',
    });
    expect(h.asked).toEqual([{ experiment: 'front-page', cutoff: NOW }]);
    expect((await h.app.inject(`${url}/job-1`)).json()).toEqual({
      job: 'job-1',
      state: 'running',
      progress: 0.5,
    });
    expect((await h.app.inject(`${url}/job-9`)).json().error.code).toBe('unknown-job');
  });

  it.each([START + DAY, '2026-10-02T00:00:00Z'])('take the cut-off %s', async (cutoff) => {
    fresh();
    expect((await h.app.inject({ method: 'POST', url, payload: { cutoff } })).statusCode).toBe(202);
    expect(h.asked).toEqual([{ experiment: 'front-page', cutoff: START + DAY }]);
  });

  it.each([{ cutoff: 'tomorrow' }, { cutoff: -1 }, { cutof: 1 }])('refuse %j', async (payload) => {
    fresh();
    expect((await h.app.inject({ method: 'POST', url, payload })).statusCode).toBe(400);
    expect(h.asked).toEqual([]);
  });

  it('answer 503 when the queue is down', async () => {
    fresh();
    h.failing.analyses = true;
    expect((await h.app.inject({ method: 'POST', url })).statusCode).toBe(503);
  });
});

describe('GET /v1/experiments/:key/report', () => {
  const url = '/v1/experiments/front-page/report';

  it('answers 404 with how to make one', async () => {
    fresh();
    expect((await h.app.inject(url)).json().error).toMatchObject({
      code: 'no-report',
      mend: 'POST /v1/experiments/front-page/analyses makes one',
    });
  });

  it.each([
    [url, undefined, 'application/json; charset=utf-8'],
    [`${url}?format=markdown`, undefined, 'text/markdown; charset=utf-8'],
    [url, 'text/markdown', 'text/markdown; charset=utf-8'],
    [`${url}?format=json`, 'text/markdown', 'application/json; charset=utf-8'],
    [`${url}?format=csv`, undefined, 'text/csv; charset=utf-8'],
    [url, 'text/csv', 'text/csv; charset=utf-8'],
  ])('%s with accept %s is %s', async (path, accept, type) => {
    fresh();
    const report = reportOf('front-page');
    h.reports.set('front-page', report);
    const answer = await h.app.inject({ url: path, headers: accept === undefined ? {} : { accept } });
    expect(answer.headers['content-type']).toBe(type);
    const bodies = {
      markdown: '# front-page\n',
      csv: 'experiment\nfront-page\n',
      json: JSON.stringify(report),
    };
    const format = (['markdown', 'csv'] as const).find((name) => type.includes(name)) ?? 'json';
    expect(answer.body).toBe(bodies[format]);
  });
});

describe('operations', () => {
  it('is healthy at once and ready when nothing is missing', async () => {
    fresh();
    h.missing.push('models');
    expect((await h.app.inject('/healthz')).statusCode).toBe(200);
    const waiting = await h.app.inject('/readyz');
    expect(waiting.statusCode).toBe(503);
    expect(waiting.json()).toEqual({ ready: false, missing: ['models'], notes: [] });
    h.missing.length = 0;
    expect((await h.app.inject('/readyz')).statusCode).toBe(200);
  });

  it('tells that it is about to stop, and answers on', async () => {
    fresh(declarationsOf(ab, outside), { draining: () => true });
    expect((await h.app.inject('/readyz')).json()).toEqual({
      ready: false,
      missing: ['a start: this process is stopping'],
      notes: [],
    });
    expect((await h.app.inject('/v1/recommendations/u-1')).statusCode).toBe(200);
  });

  it('counts requests by route, never by user', async () => {
    fresh(declarationsOf(ab, outside), { queueDepth: () => 3 });
    await h.app.inject('/v1/recommendations/u-1');
    await h.app.inject('/v1/recommendations/u-2?k=0');
    const { body, headers } = await h.app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    const count = 'screentest_http_request_duration_seconds_count{environment="test",method="GET"';
    expect(body).toContain(`${count},route="/v1/recommendations/:userId",status="200"} 1`);
    expect(body).toContain(`${count},route="/v1/recommendations/:userId",status="400"} 1`);
    expect(body).toContain('screentest_queue_depth{environment="test"} 3');
    expect(body).toContain('screentest_event_loop_lag_seconds{environment="test"}');
    expect(body).not.toContain('u-1');
  });

  it('answers an unknown route in the same shape', async () => {
    fresh();
    const answer = await h.app.inject('/v2/slates');
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error.code).toBe('unknown-route');
  });

  it('takes bodies of 256 KiB', () => {
    fresh();
    expect(BODY_LIMIT).toBe(262_144);
  });
});

describe('the OpenAPI document', () => {
  it('lists every route with a summary and the answers it can give', async () => {
    fresh();
    const routes: RouteOptions[] = [];
    h.app.addHook('onRoute', (route) => {
      routes.push(route);
    });
    await h.app.ready();
    const document = (await h.app.inject('/docs/json')).json();
    const documented = Object.entries(
      document.paths as Record<string, Record<string, { summary?: string; responses: object }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    for (const { path, method, operation } of documented) {
      expect(operation.summary, `${method} ${path}`).toBeTruthy();
      expect(Object.keys(operation.responses), `${method} ${path}`).toContain(
        path.endsWith('/analyses') ? '202' : '200',
      );
    }
    const served = routes
      .filter(({ url, method }) => method !== 'HEAD' && !url.startsWith('/docs'))
      .map(({ url, method }) => `${String(method).toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(documented.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(served.sort());
    expect(served).toEqual(
      expect.arrayContaining([
        'get /v1/recommendations/{userId}',
        'post /v1/events',
        'get /readyz',
        'get /metrics',
      ]),
    );
  });

  it('documents a whole event, though only the envelope can refuse a batch', async () => {
    fresh();
    const document = (await h.app.inject('/docs/json')).json();
    const schema = document.paths['/v1/events'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(schema.properties.events.items.properties)).toEqual(
      expect.arrayContaining(['id', 'user', 'at', 'name', 'value', 'title', 'request_id', 'items']),
    );
  });

  it('has a page that asks no other host', async () => {
    fresh();
    const page = await h.app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    const script = await h.app.inject('/docs/static/swagger-initializer.js');
    expect(script.body).toContain('"validatorUrl":null');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('reproductions', () => {
  it('are those that the database has, or none', async () => {
    fresh();
    expect((await h.app.inject('/v1/reproductions')).json()).toEqual({ reproductions: [] });
    const document = { schema: 'screentest/reproduction/v1', environment: 'reproduce-1-400' };
    fresh(declarationsOf(ab), { reproductions: async () => [document] });
    const answer = await h.app.inject('/v1/reproductions');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ reproductions: [document] });
  });
});

describe('pages', () => {
  it('serve the list and each experiment under a strict policy', async () => {
    const assets = mkdtempSync(join(tmpdir(), 'screentest-pages-'));
    try {
      writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Screentest</title>');
      writeFileSync(join(assets, 'app.js'), 'export {};');
      fresh(declarationsOf(ab), { assets });
      for (const url of ['/', '/experiments/front-page', '/reproductions']) {
        const page = await h.app.inject(url);
        expect(page.statusCode).toBe(200);
        expect(page.headers['content-type']).toContain('text/html');
        const policy = String(page.headers['content-security-policy']);
        expect(policy).toContain("default-src 'none'; script-src 'self';");
        expect(page.headers['x-content-type-options']).toBe('nosniff');
      }
      expect((await h.app.inject('/app.js')).body).toBe('export {};');
      expect((await h.app.inject('/../package.json')).statusCode).toBe(404);
      expect((await h.app.inject('/v1/experiments')).headers['content-security-policy']).toBeUndefined();
    } finally {
      rmSync(assets, { recursive: true });
    }
  });

  it('that are not built leave the API alone', async () => {
    fresh(declarationsOf(ab), { assets: '/nonexistent' });
    expect((await h.app.inject('/')).statusCode).toBe(404);
    expect((await h.app.inject('/healthz')).statusCode).toBe(200);
  });
});
