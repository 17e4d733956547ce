import { afterEach, describe, expect, it } from 'vitest';
import { DAY, declarationsOf, NOW, START, uuid } from './fixtures.ts';
import { ab, type Harness, harness, outside } from './harness.ts';

let h: Harness;
const fresh = (...given: Parameters<typeof harness>) => {
  h = harness(...given);
  return h;
};
afterEach(() => h.app.close());

const post = (events: unknown[]) => h.app.inject({ method: 'POST', url: '/v1/events', payload: { events } });
const event = (n: number, more: Record<string, unknown> = {}) => ({
  id: uuid(n),
  user: 'u-1',
  at: NOW,
  name: 'click',
  ...more,
});
const results = async (events: unknown[]) => {
  const answer = await post(events);
  expect(answer.statusCode).toBe(200);
  return answer.json().results as {
    id: string | null;
    status: string;
    reason?: string;
    warnings?: string[];
  }[];
};

describe('POST /v1/events', () => {
  it('an event that names only its request happened on the surface of that request', async () => {
    fresh();
    const slate = (await h.app.inject('/v1/recommendations/u-1?surface=homepage')).json();
    const sent = event(1, { title: 't-3', request_id: slate.request_id });
    expect(await results([sent])).toEqual([{ id: uuid(1), status: 'accepted' }]);
    expect([...h.log.outcomes.values()].map(({ surface }) => surface)).toEqual(['homepage']);
  });

  it('stores events with their values, titles, surfaces and requests', async () => {
    fresh();
    const slate = (await h.app.inject('/v1/recommendations/u-1')).json();
    const answer = await results([
      event(1, { title: 't-3', request_id: slate.request_id.toUpperCase(), surface: 'homepage' }),
      event(2, { name: 'revenue', value: 1299, at: '2026-10-01T01:00:00+01:00' }),
      event(3, { name: 'trailer_seen' }),
    ]);
    expect(answer).toEqual([1, 2, 3].map((n) => ({ id: uuid(n), status: 'accepted' })));
    expect([...h.log.outcomes.values()]).toEqual([
      {
        environment: 'test',
        id: uuid(1),
        unit: 'u-1',
        at: NOW,
        requestId: slate.request_id,
        surface: 'homepage',
        items: [{ name: 'click', value: 1, title: 3, afterMs: 0 }],
      },
      {
        environment: 'test',
        id: uuid(2),
        unit: 'u-1',
        at: START,
        items: [{ name: 'revenue', value: 1299, title: -1, afterMs: 0 }],
      },
      {
        environment: 'test',
        id: uuid(3),
        unit: 'u-1',
        at: NOW,
        items: [{ name: 'trailer_seen', value: 1, title: -1, afterMs: 0 }],
      },
    ]);
  });

  it('packs what came of one request into one record', async () => {
    fresh();
    await results([
      {
        id: uuid(1),
        user: 'u-1',
        at: NOW,
        items: [
          { name: 'session_start' },
          { name: 'impressions', value: 12 },
          { name: 'play', title: 't-2', after_ms: 4000 },
        ],
      },
    ]);
    expect(h.log.outcomes.get(uuid(1))!.items).toEqual([
      { name: 'session_start', value: 1, title: -1, afterMs: 0 },
      { name: 'impressions', value: 12, title: -1, afterMs: 0 },
      { name: 'play', value: 1, title: 2, afterMs: 4000 },
    ]);
  });

  it('tells stored, duplicate, conflict and rejected apart, in order', async () => {
    fresh();
    await results([event(1)]);
    const answer = await results([
      event(1),
      event(2),
      event(1, { title: 't-1' }),
      event(3, { title: 't-99' }),
      7,
    ]);
    expect(answer.map(({ id, status }) => [id, status])).toEqual([
      [uuid(1), 'duplicate'],
      [uuid(2), 'accepted'],
      [uuid(1), 'conflict'],
      [uuid(3), 'rejected'],
      [null, 'rejected'],
    ]);
    expect(h.log.dead.map(({ record }) => record)).toEqual([event(3, { title: 't-99' }), 7]);
    const { body } = await h.app.inject('/metrics');
    for (const [result, count] of [
      ['accepted', 2],
      ['duplicate', 1],
      ['conflict', 1],
      ['rejected', 2],
    ]) {
      expect(body).toContain(`screentest_outcomes_total{result="${result}",environment="test"} ${count}`);
    }
  });

  it('stores the outcome of an unknown request with a warning', async () => {
    fresh();
    const [answer] = await results([event(1, { request_id: uuid(77) })]);
    expect(answer).toMatchObject({
      status: 'accepted',
      warnings: [expect.stringContaining('request_id was not served')],
    });
    expect(h.log.outcomes.get(uuid(1))!.requestId).toBe(uuid(77));
  });

  it('asks whether a name of your own is a misspelt one', async () => {
    fresh();
    const [answer] = await results([event(1, { name: 'clik' })]);
    expect(answer).toMatchObject({
      status: 'accepted',
      warnings: [expect.stringContaining('did you mean click?')],
    });
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['an id that is no UUID', { id: 'one' }, /^id must match pattern/],
    ['a time over 24 hours ahead', { at: NOW + DAY + 1 }, /over 24 hours ahead; set the client's clock/],
    ['the year 9999', { at: '9999-12-31T00:00:00Z' }, /over 24 hours ahead/],
    ['a time over 400 days ago', { at: NOW - 400 * DAY - 1 }, /over 400 days ago/],
    ['a time without a zone', { at: '2026-10-01T00:00:00' }, /ISO 8601 with a zone/],
    ['a time that is none', { at: '2026-13-45T00:00:00Z' }, /ISO 8601 with a zone/],
    ['a fraction', { value: 1.5 }, /^value must be integer$/],
    ['a number beyond exactness', { value: 2 ** 60 }, /^value must be <=/],
    ['a name with capitals', { name: 'Click' }, /^name must match pattern/],
    ['no name', { name: undefined }, /name is missing; send a name, or items/],
    ['name beside items', { items: [{ name: 'play' }] }, /put them into items/],
    [
      'a watch without seconds',
      { name: 'watch', title: 't-1' },
      /value is missing; watch needs it: seconds watched/,
    ],
    ['an unknown title', { title: 't-99' }, /title t-99 is not in the catalogue/],
    ['an unknown surface', { surface: 'kiosk' }, /use one of homepage, browse/],
    ['an empty user', { user: '' }, /user is empty/],
    ['a user of 10 KB', { user: 'x'.repeat(10_240) }, /user is longer than 256 bytes/],
    ['half a surrogate pair', { user: '\ud800' }, /user is not Unicode text/],
    ['a NUL', { user: 'a\0b' }, /user has a NUL character/],
    ['a field of another product', { userId: 'u' }, /userId is not a field of an event/],
    [
      'a bad item',
      { name: undefined, items: [{ name: 'watch', valeu: 3 }] },
      /^items.0.valeu is not a field/,
    ],
    ['a packed exposure', { name: undefined, items: [{ name: 'exposure' }] }, /event of its own/],
    ['a variant on a click', { variant: 'new' }, /belong to events named exposure/],
    ['an exposure of nothing', { name: 'exposure' }, /needs experiment and variant/],
    [
      'an unknown experiment',
      { name: 'exposure', experiment: 'price', variant: 'new' },
      /did you mean prices\?/,
    ],
    ['an unknown variant', { name: 'exposure', experiment: 'prices', variant: 'nex' }, /did you mean new\?/],
  ];
  it.each(refused)('rejects %s, and keeps it as a dead letter', async (_what, more, reason) => {
    fresh();
    const bad = event(1, more);
    const [answer, other] = await results([bad, event(2)]);
    expect(answer).toMatchObject({ status: 'rejected', reason: expect.stringMatching(reason) });
    expect(other!.status).toBe('accepted');
    expect(h.log.dead).toEqual([{ record: JSON.parse(JSON.stringify(bad)), reason: answer!.reason }]);
    expect(h.log.outcomes.has(uuid(1))).toBe(false);
  });

  it.each(['__proto__', 'constructor'])('takes user and title %s for names like others', async (name) => {
    fresh();
    const answer = await results([event(1, { user: name }), event(2, { title: name })]);
    expect(answer.map(({ status }) => status)).toEqual(['accepted', 'rejected']);
  });

  it('answers 503 with Retry-After when nothing can be made durable', async () => {
    fresh();
    h.log.down = true;
    const answer = await post([event(1)]);
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.json().error).toMatchObject({
      code: 'events-unavailable',
      mend: 'send the same request again',
    });
    h.log.down = false;
    expect((await results([event(1)]))[0]!.status).toBe('accepted');
  });

  it('makes a dead letter durable or answers 503', async () => {
    fresh();
    h.log.down = true;
    expect((await post([event(1, { at: 'never' })])).statusCode).toBe(503);
  });

  it.each([
    ['{"events":[', 400, 'malformed-json'],
    ['', 400, 'malformed-json'],
    ['{"__proto__":{"x":1},"events":[]}', 400, 'malformed-json'],
    ['[]', 400, 'invalid-request'],
    ['{"events":[]}', 400, 'invalid-request'],
    ['{"events":{}}', 400, 'invalid-request'],
    ['{"event":[]}', 400, 'invalid-request'],
    [JSON.stringify({ events: Array(1001).fill(0) }), 400, 'invalid-request'],
    [`"${'x'.repeat(256 * 1024)}"`, 413, 'body-too-large'],
  ])('refuses the whole of %.30s', async (payload, status, code) => {
    fresh();
    const headers = { 'content-type': 'application/json' };
    const answer = await h.app.inject({ method: 'POST', url: '/v1/events', headers, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error).toMatchObject({ code, message: expect.any(String) });
  });

  it('refuses what is not JSON', async () => {
    fresh();
    const headers = { 'content-type': 'text/plain' };
    const answer = await h.app.inject({ method: 'POST', url: '/v1/events', headers, payload: 'click' });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().error.code).toBe('unknown-media-type');
  });
});

describe('a watch', () => {
  const watch = (n: number, seconds: number) => event(n, { name: 'watch', title: 't-4', value: seconds });

  it('is felt once, however often it is sent', async () => {
    fresh();
    await results([watch(1, 5400)]);
    await results([watch(1, 5400)]);
    const viewer = h.viewers.get('u-1');
    expect(viewer.watchCount).toBe(1);
    expect(viewer.watchedTitles[0]).toBe(4);
    expect(viewer.watchedWeights[0]).toBeCloseTo(1.1, 6);
    expect(viewer.watchedAt[0]).toBe(NOW);
  });

  it('is felt in the next slate', async () => {
    fresh();
    await results([watch(1, 5400)]);
    await h.app.inject('/v1/recommendations/u-1');
    expect(h.log.exposures[0]!.attributes.activity).toBe('new');
    await results([2, 3, 4, 5].map((n) => watch(n, 5400)));
    await h.app.inject('/v1/recommendations/u-1');
    expect(h.log.exposures.at(-1)!.attributes.activity).toBe('casual');
  });

  it('under a fifth of the title was none', async () => {
    fresh();
    await results([watch(1, 1079), event(2, { name: 'watch', value: 5400 })]);
    expect(h.viewers.get('u-1').watchCount).toBe(0);
    await results([watch(3, 1080)]);
    expect(h.viewers.get('u-1').watchCount).toBe(1);
  });
});

describe('a reported exposure', () => {
  const assigned = async (user: string) => {
    const { experiments } = (await h.app.inject(`/v1/assignments/${user}`)).json();
    return experiments.find((one: { experiment: string }) => one.experiment === 'prices').variant as string;
  };

  it('of the assigned variant becomes an exposure with attributes frozen', async () => {
    fresh();
    h.viewers.profile('u-1', { country: 'CA' });
    const variant = await assigned('u-1');
    const [answer] = await results([
      event(1, { name: 'exposure', experiment: 'prices', variant, device: 'mobile' }),
    ]);
    expect(answer).toEqual({ id: uuid(1), status: 'accepted' });
    expect(h.log.exposures).toEqual([
      {
        environment: 'test',
        experiment: 'prices',
        iteration: 1,
        unit: 'u-1',
        variant,
        at: NOW,
        forced: false,
        phase: 0,
        attributes: {
          country: 'CA',
          device: 'mobile',
          age_group: 'unknown',
          activity: 'new',
          watches_before: '0',
        },
        configuration: 'configuration-front-page+prices',
      },
    ]);
    expect(h.log.outcomes.get(uuid(1))!.items).toEqual([
      { name: 'exposure', value: 1, title: -1, afterMs: 0 },
    ]);
  });

  it('of another variant is rejected', async () => {
    fresh();
    const other = (await assigned('u-1')) === 'old' ? 'new' : 'old';
    const [answer] = await results([event(1, { name: 'exposure', experiment: 'prices', variant: other })]);
    expect(answer).toMatchObject({ status: 'rejected', reason: expect.stringContaining(`not ${other}`) });
    expect(h.log.exposures).toEqual([]);
  });

  it('before the start is rejected, after a stop it is kept with a warning', async () => {
    fresh(declarationsOf(ab, outside));
    const variant = await assigned('u-1');
    h.states.set('prices', { stopped: true });
    const answer = await results([
      event(1, { name: 'exposure', experiment: 'prices', variant }),
      event(2, { name: 'exposure', experiment: 'prices', variant: 'old', at: START - 1 }),
    ]);
    expect(answer[0]).toMatchObject({ status: 'accepted', warnings: [expect.stringContaining('(stopped)')] });
    h.states.clear();
    const [early] = await results([
      event(3, { name: 'exposure', experiment: 'prices', variant, at: START - 1 }),
    ]);
    expect(early).toMatchObject({ status: 'rejected', reason: expect.stringContaining('(not-started)') });
  });
});
