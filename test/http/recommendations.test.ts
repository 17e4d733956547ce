import { afterEach, describe, expect, it } from 'vitest';
import { SlateBody } from '../../src/http/slate-json.ts';
import { compileStrict } from '../../src/http/validation.ts';
import { broken, declarationsOf, experimentOf, START, skipping, uuid } from './fixtures.ts';
import { ab, type Harness, harness, outside } from './harness.ts';

let open: Harness[] = [];
const set = (...given: Parameters<typeof harness>) => {
  const made = harness(...given);
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.map(({ app }) => app.close()));
  open = [];
});

const get = (h: Harness, path: string) => h.app.inject(`/v1/recommendations/${path}`);

describe('GET /v1/recommendations/:userId', () => {
  it('answers as its schema says', async () => {
    const h = set();
    h.viewers.watched('u-1', 5, 1, START);
    const answer = await get(h, 'u-1?surface=homepage&device=tv&country=US&force=front-page:control');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const body = answer.json();
    const validate = compileStrict(SlateBody);
    expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
    expect(body).toEqual({
      request_id: uuid(1),
      user_id: 'u-1',
      surface: 'homepage',
      slate: [0, 1, 2, 3].map((title) => ({
        position: title + 1,
        title: `t-${title}`,
        name: `Title "${title}"`,
        genres: [['Drama', 'Comedy', 'Science fiction'][title % 3]],
        source: 'ials',
        reason: title === 3 ? 'like-watched' : 'like-viewer',
        score: 1 - title / 8,
        propensity: 1,
        ...(title === 3 ? { because: { title: 't-5', name: 'Title "5"' } } : {}),
      })),
      experiments: [
        { experiment: 'front-page', iteration: 1, variant: 'control', reason: 'forced', phase: 0 },
        {
          experiment: 'prices',
          iteration: 1,
          variant: expect.stringMatching(/old|new/),
          reason: 'assigned',
          phase: 0,
        },
      ],
      models: 'models-1',
      configuration: 'configuration-front-page+prices',
      pipeline: 'front-page/control',
      fallback: 'none',
      relaxed_slots: 0,
      skipped: [],
      stages: [
        { stage: 'assign', micros: expect.any(Number), titles: 0 },
        { stage: 'lists', micros: expect.any(Number), titles: 0 },
        { stage: 'from', micros: 7, titles: 3 },
      ],
    });
  });

  it('says and counts what a slate had to do without', async () => {
    const variants = ['a', 'b'].map((key) => ({ key, pipeline: skipping(3) }));
    const h = set(declarationsOf(experimentOf('ab', variants, { surface: 'homepage' })));
    const body = (await get(h, 'u-1?surface=homepage')).json();
    expect(compileStrict(SlateBody)(body)).toBe(true);
    expect(body).toMatchObject({ relaxed_slots: 2, skipped: [{ stage: 'score', reason: 'late' }] });
    const { body: figures } = await h.app.inject('/metrics');
    for (const line of [
      'screentest_stages_skipped_total{stage="score",reason="late",environment="test"} 1',
      'screentest_caps_relaxed_total{surface="homepage",environment="test"} 1',
      'screentest_stage_titles_total{stage="from",environment="test"} 3',
      'screentest_stage_duration_seconds_count{environment="test",stage="from"} 1',
    ]) {
      expect(figures).toContain(line);
    }
  });

  it('has logged the request and its exposures before it answers', async () => {
    const h = set();
    let release = () => {};
    h.log.gate = new Promise((resolve) => {
      release = resolve;
    });
    let answered = false;
    const pending = get(h, 'u-1').then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    release();
    const body = (await pending).json();
    expect(h.log.requests.map(({ id }) => id)).toEqual([body.request_id]);
    expect(h.log.exposures.map(({ experiment }) => experiment).sort()).toEqual(['front-page', 'prices']);
  });

  it('takes the request id of the caller, k and the country', async () => {
    const h = set();
    const id = '0199a000-0000-7abc-8000-0000000000ff';
    const body = (await get(h, `u-1?request_id=${id}&k=2&country=IN&surface=browse`)).json();
    expect(body.request_id).toBe(id);
    expect(body.slate.map(({ title }: { title: string }) => title)).toEqual(['t-2', 't-3']);
    expect(h.log.requests[0]).toMatchObject({ id, country: 'IN', surface: 'browse', device: 'other' });
  });

  it('shares one batch among requests that arrive together', async () => {
    const h = set();
    await h.app.ready();
    const bodies = (await Promise.all(Array.from({ length: 20 }, (_, n) => get(h, `u-${n}`)))).map((a) =>
      a.json(),
    );
    expect(bodies.map(({ user_id }) => user_id)).toEqual(Array.from({ length: 20 }, (_, n) => `u-${n}`));
    expect(h.log.appends.reduce((sum, size) => sum + size, 0)).toBe(20);
    expect(h.log.appends.length).toBeLessThan(10);
  });

  it('serves outside all experiments when no exposure can be made durable, and counts the arm', async () => {
    const h = set();
    h.log.down = true;
    const answer = await get(h, 'u-1?force=front-page:treatment');
    expect(answer.statusCode).toBe(200);
    const body = answer.json();
    expect(body.pipeline).toBe('default');
    expect(body.experiments.map(({ variant, reason }: Record<string, unknown>) => [variant, reason])).toEqual(
      [
        [null, 'exposure-unavailable'],
        [null, 'exposure-unavailable'],
      ],
    );
    const { body: figures } = await h.app.inject('/metrics');
    expect(figures).toContain(
      'screentest_exposures_unavailable_total{experiment="front-page",variant="treatment",environment="test"} 1',
    );
    expect(figures).not.toContain('screentest_exposures_total{experiment="front-page"');
  });

  it('answers 503 on a strict surface when no exposure can be made durable, and counts the arm', async () => {
    const shape = declarationsOf(ab, outside);
    const h = set({
      ...shape,
      surfaces: shape.surfaces.map((surface) =>
        surface.name === 'homepage' ? { ...surface, durability: 'strict' } : surface,
      ),
    });
    h.log.down = true;
    const [strict, other] = await Promise.all([
      get(h, 'u-1?surface=homepage&force=front-page:treatment'),
      get(h, 'u-1?surface=browse'),
    ]);
    expect(strict.statusCode).toBe(503);
    expect(strict.headers['retry-after']).toMatch(/^\d+$/);
    expect(strict.json().error.code).toBe('exposure-unavailable');
    expect(other.statusCode).toBe(200);
    expect(other.json()).toMatchObject({ surface: 'browse', pipeline: 'default' });
    const metrics = (await h.app.inject('/metrics')).body;
    expect(metrics).toMatch(
      /screentest_exposures_unavailable_total\{experiment="front-page",variant="treatment",environment="test"\} 1/,
    );
    h.log.down = false;
    expect((await get(h, 'u-1?surface=homepage')).statusCode).toBe(200);
  });

  it('gives a slate again for as long as the surface declares, and counts how often', async () => {
    const shape = declarationsOf(ab, outside);
    const cache = { repeatMs: 60_000, fallbackMs: 0, slates: 100 };
    const h = set({ ...shape, surfaces: shape.surfaces.map((surface) => ({ ...surface, cache })) });
    const first = (await get(h, 'u-1')).json();
    const second = (await get(h, 'u-1')).json();
    expect(second.slate).toEqual(first.slate);
    expect(second.request_id).not.toBe(first.request_id);
    expect(h.log.requests.map(({ id }) => id)).toEqual([first.request_id, second.request_id]);
    const metrics = (await h.app.inject('/metrics')).body;
    for (const result of ['hit', 'miss'])
      expect(metrics).toContain(
        `screentest_slate_cache_requests_total{surface="homepage",use="repeat",result="${result}",environment="test"} 1`,
      );
    expect(metrics).toContain('screentest_slate_cache_slates{surface="homepage",environment="test"} 1');
  });

  it('answers popularity when the pipeline fails, and counts it', async () => {
    const failing = experimentOf('front-page', [{ key: 'control' }, { key: 'treatment', pipeline: broken }], {
      surface: 'homepage',
    });
    const h = set(declarationsOf(failing));
    const body = (await get(h, 'u-1?force=front-page:treatment')).json();
    expect(body.fallback).toBe('popularity');
    expect(body.slate).toHaveLength(4);
    expect((await h.app.inject('/metrics')).body).toContain(
      'screentest_fallbacks_total{surface="homepage",step="popularity",environment="test"} 1',
    );
  });

  it.each(['__proto__', 'constructor', 'a b', 'a/b?c#d', 'ü€😀', 'x'.repeat(256), '%25', '"'])(
    'takes user %s',
    async (user) => {
      const h = set();
      const answer = await get(h, encodeURIComponent(user));
      expect(answer.statusCode).toBe(200);
      expect(answer.json().user_id).toBe(user);
      expect(h.log.requests[0]!.unit).toBe(user);
    },
  );
});

describe('bad requests are answered in one shape, with place and mend', () => {
  const cases: [string, number, string, string, RegExp][] = [
    ['', 400, 'invalid-user', 'params.userId', /1 to 256 bytes/],
    ['x'.repeat(257), 400, 'invalid-user', 'params.userId', /1 to 256 bytes/],
    [encodeURIComponent('€'.repeat(86)), 400, 'invalid-user', 'params.userId', /1 to 256 bytes/],
    ['x'.repeat(10_240), 400, 'invalid-user', 'params.userId', /1 to 256 bytes/],
    ['a%00b', 400, 'invalid-user', 'params.userId', /UTF-8/],
    ['%FF%FE', 400, 'malformed-url', 'url', /encodeURIComponent/],
    ['%', 400, 'malformed-url', 'url', /encodeURIComponent/],
    ['u?device=fridge', 400, 'invalid-request', 'query.device', /tv, mobile, desktop, tablet, other/],
    ['u?surface=kiosk', 400, 'unknown-surface', 'query.surface', /homepage, browse/],
    ['u?force=front-pag:treatment', 400, 'unknown-variant', 'query.force', /did you mean front-page\?/],
    ['u?force=front-page:treatmen', 400, 'unknown-variant', 'query.force', /did you mean treatment\?/],
    ['u?force=__proto__:x', 400, 'unknown-variant', 'query.force', /front-page/],
    ['u?nonsense=1', 400, 'invalid-request', 'query.nonsense', /docs/],
  ];
  it.each(cases)('%.40s', async (path, status, code, place, mend) => {
    const h = set();
    const answer = await get(h, path);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      error: { code, message: expect.any(String), place, mend: expect.stringMatching(mend) },
    });
    expect(h.log.requests).toEqual([]);
  });

  it.each([
    'k=0',
    'k=101',
    'k=ten',
    'country=usa',
    'request_id=1',
    `request_id=${uuid(1).replace('-7', '-4')}`,
  ])('%s', async (query) => {
    const answer = await get(set(), `u?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.place).toBe(`query.${query.split('=')[0]}`);
  });

  it('waits for readiness with Retry-After', async () => {
    const h = set();
    h.missing.push('models', 'candidates');
    const answer = await get(h, 'u');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.json().error).toMatchObject({
      code: 'not-ready',
      message: 'waiting for models, candidates',
    });
  });

  it('hides the details of what fails inside', async () => {
    const h = set(declarationsOf(ab, outside), {
      newId: () => {
        throw new Error('secret');
      },
    });
    const answer = await get(h, 'u');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json().error.code).toBe('internal');
  });
});
