import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventLog } from '../../src/db/event-log.ts';
import { saveProfile } from '../../src/db/profiles.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { createSpooledLog } from '../../src/journal/spooled-log.ts';
import { createRecommender } from '../../src/recommender.ts';
import { createPipeline } from '../../src/variants/pipeline.ts';
import { createViewers } from '../../src/viewers.ts';
import { describeEachDatabase } from '../support/databases.ts';
import { declarationsOf, experimentOf, fakeStore, modelsOf, NOW, uuid } from './fixtures.ts';
import { harness, outside } from './harness.ts';

/** The API over the real pipelines and the real log: what it acknowledges is in the tables. */

const popular = [
  { stage: 'candidates', parameters: { sources: [{ trending: 6 }] } },
  { stage: 'fill', parameters: { take: 4 } },
];
const personal = [
  { stage: 'candidates', parameters: { sources: [{ ials: 6 }, { content: 6 }, { trending: 6 }] } },
  { stage: 'blend', parameters: { collaborative: 'by-activity' } },
  { stage: 'fill', parameters: { take: 4 } },
];
const ladder = experimentOf(
  'ladder',
  [
    { key: 'popular', pipeline: popular },
    { key: 'personal', pipeline: personal },
  ],
  { surface: 'homepage' },
);
const mixed = experimentOf(
  'mixed',
  [
    { key: 'popular', pipeline: popular },
    { key: 'personal', pipeline: personal },
  ],
  { surface: 'browse', design: 'interleaving' },
);
const shape = declarationsOf(ladder, mixed, outside);
const declarations = {
  ...shape,
  surfaces: shape.surfaces.map((surface) => ({ ...surface, pipeline: popular })),
};

const afterThis: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of afterThis.splice(0)) await close();
});

await describeEachDatabase('the API', (database) => {
  async function serve() {
    const { db } = database();
    const environment = `api-${uuid(Math.floor(performance.now() * 1000))}`;
    const folder = mkdtempSync(join(tmpdir(), 'journal-'));
    const eventLog = createSpooledLog(createEventLog(db, { now: () => NOW }), await openJournal(folder), {
      now: () => NOW,
      roundMs: 1,
    });
    afterThis.push(async () => {
      await eventLog.close();
      rmSync(folder, { recursive: true });
    });
    const viewers = createViewers();
    const models = modelsOf();
    const recommender = createRecommender({
      declarations: () => declarations,
      models: () => models,
      viewers,
      candidates: fakeStore(),
      environment,
      states: () => new Map(),
      micros: () => performance.now() * 1000,
      createPipeline,
    });
    const { app } = harness(declarations, {
      environment,
      recommender,
      viewers,
      eventLog,
      profiles: { save: (user, profile) => saveProfile(db, environment, user, profile) },
    });
    const rows = async (table: string) => {
      await eventLog.flush(5_000);
      const query = `select to_jsonb(kept) as row from ${table} kept where environment = $1`;
      return (await db.pool.query(query, [environment])).rows.map(({ row }) => row);
    };
    return { app, eventLog, rows };
  }

  describe('recommendations', () => {
    it('are in the tables when they are answered, one exposure per user and experiment', async () => {
      const { app, rows } = await serve();
      const answers = await Promise.all(
        [1, 2, 3, 1].map((n) => app.inject(`/v1/recommendations/u-${n}?device=tv&country=US`)),
      );
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
      const requests = await rows('request');
      expect(requests.map(({ id }) => id).sort()).toEqual(
        answers.map((answer) => answer.json().request_id).sort(),
      );
      const exposures = await rows('exposure');
      expect(exposures.map(({ unit, experiment }) => `${unit} ${experiment}`).sort()).toEqual(
        [1, 2, 3].flatMap((n) => [`u-${n} ladder`, `u-${n} prices`]),
      );
      expect(exposures[0].attributes).toEqual({
        country: 'US',
        device: 'tv',
        age_group: 'unknown',
        activity: 'new',
        watches_before: '0',
      });
      await app.close();
    });

    it('feel a watch in the next slate', async () => {
      const { app } = await serve();
      const slate = async () =>
        (await app.inject('/v1/recommendations/u-1?force=ladder:personal')).json().slate as {
          title: string;
        }[];
      expect((await slate()).map(({ title }) => title)).toContain('t-1');
      const event = { id: uuid(1), user: 'u-1', at: NOW, name: 'watch', title: 't-1', value: 5400 };
      await app.inject({ method: 'POST', url: '/v1/events', payload: { events: [event] } });
      expect((await slate()).map(({ title }) => title)).not.toContain('t-1');
      await app.close();
    });

    it('interleave on the other surface', async () => {
      const { app, rows } = await serve();
      const answer = (await app.inject('/v1/recommendations/u-1?surface=browse')).json();
      expect(answer).toMatchObject({ pipeline: 'mixed/interleaved', fallback: 'none' });
      expect((await rows('exposure')).map(({ experiment }) => experiment)).toContain('mixed');
      await app.close();
    });

    it('are served outside all experiments when the log takes nothing more', async () => {
      const { app, eventLog, rows } = await serve();
      await eventLog.close();
      const answer = await app.inject('/v1/recommendations/u-1');
      expect(answer.statusCode).toBe(200);
      expect(answer.json().experiments.map(({ reason }: { reason: string }) => reason)).toEqual(
        Array(3).fill('exposure-unavailable'),
      );
      expect(await rows('request')).toEqual([]);
      await app.close();
    });
  });

  describe('events', () => {
    it.each([
      ['accepted', ''],
      ['stored', '?wait=stored'],
    ])('are %s once, twins in one batch included; the rest are dead letters', async (status, query) => {
      const { app, rows } = await serve();
      const event = { id: uuid(1), user: 'u-1', at: NOW, name: 'click', title: 't-3' };
      const post = async (...events: unknown[]) =>
        (
          await app.inject({
            method: 'POST',
            url: `/v1/events${query}`,
            payload: { events, sent_at: NOW + 5 },
          })
        )
          .json()
          .results.map((result: { status: string }) => result.status);
      expect(await post(event, event, { ...event, title: 't-4' }, { ...event, id: 'x' })).toEqual([
        status,
        'duplicate',
        'conflict',
        'rejected',
      ]);
      expect(await post(event)).toEqual(['duplicate']);
      expect(
        (await rows('outcome')).map(({ at, sent_at, received_at }) => [at, sent_at, received_at]),
      ).toEqual([[NOW, NOW + 5, NOW]]);
      expect((await rows('outcome')).map(({ id, title }) => [id, title])).toEqual([[uuid(1), [3]]]);
      const letters = (await rows('dead_letter')).map(({ record }) => record);
      // Of what the journal took, the twin with another payload is a conflict in the database, too.
      const { environment: _, ...rest } = { environment: '', unit: 'u-1', at: NOW, id: uuid(1) };
      expect(letters).toEqual(
        status === 'stored'
          ? [{ ...event, id: 'x' }]
          : expect.arrayContaining([
              { ...event, id: 'x' },
              {
                outcomes: [
                  expect.objectContaining({ ...rest, items: [expect.objectContaining({ title: 4 })] }),
                ],
              },
            ]),
      );
      expect(letters).toHaveLength(status === 'stored' ? 1 : 2);
      await app.close();
    });

    it('get 503 and nothing stored when the log takes nothing more', async () => {
      const { app, eventLog, rows } = await serve();
      await eventLog.close();
      const events = [{ id: uuid(1), user: 'u-1', at: NOW, name: 'click' }];
      const answer = await app.inject({ method: 'POST', url: '/v1/events', payload: { events } });
      expect(answer.statusCode).toBe(503);
      expect(await rows('outcome')).toEqual([]);
      await app.close();
    });
  });

  it('profiles are stored field by field', async () => {
    const { app, rows } = await serve();
    await app.inject({ method: 'PUT', url: '/v1/users/u-1', payload: { country: 'DE', picks: ['t-3'] } });
    await app.inject({ method: 'PUT', url: '/v1/users/u-1', payload: { age_group: '25-34' } });
    expect(await rows('profile')).toMatchObject([
      { user: 'u-1', country: 'DE', age_group: '25-34', picks: [3] },
    ]);
    await app.close();
  });
});
