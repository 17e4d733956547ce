import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createEventLog } from '../../src/db/event-log.ts';
import { letter } from '../../src/events/dead-letter.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { createSpooledLog } from '../../src/journal/spooled-log.ts';
import { declarationsOf, NOW, uuid } from '../http/fixtures.ts';
import { ab, harness, outside } from '../http/harness.ts';
import { describeEachDatabase } from '../support/databases.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

await describeEachDatabase('npx screentest events', (database) => {
  async function setUp() {
    const { db } = database();
    const environment = `letters-${uuid(Math.floor(performance.now() * 1000))}`;
    const folder = mkdtempSync(join(tmpdir(), 'letters-'));
    const target = createEventLog(db, { now: () => NOW });
    const eventLog = createSpooledLog(target, await openJournal(folder), { now: () => NOW, roundMs: 1 });
    let clock = NOW;
    const { app } = harness(declarationsOf(ab, outside), { environment, eventLog, clock: () => clock });
    await app.listen({ port: 0 });
    closers.push(async () => {
      await app.close();
      await eventLog.close();
      rmSync(folder, { recursive: true });
    });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const run = (...args: string[]) =>
      new Promise<{ code: number; answer: Record<string, unknown>; stderr: string }>((resolve) => {
        const bin = join(import.meta.dirname, '../../bin/screentest.js');
        const common = ['--json', '--environment', environment, '--database-url', db.url];
        execFile(process.execPath, [bin, 'events', ...args, ...common], (error, stdout, stderr) => {
          resolve({
            code: typeof error?.code === 'number' ? error.code : 0,
            answer: stdout === '' ? {} : JSON.parse(stdout),
            stderr,
          });
        });
      });
    const rows = async (query: string) => (await db.pool.query(query, [environment])).rows;
    return {
      environment,
      eventLog,
      target,
      run,
      post: (events: unknown[]) => app.inject({ method: 'POST', url: '/v1/events', payload: { events } }),
      replay: (...args: string[]) => run('replay', '--url', url, ...args),
      setClock: (at: number) => {
        clock = at;
      },
      outcomes: () => rows('select id, at from outcome where environment = $1 order by id'),
      letters: () =>
        rows('select reason, replayed_as, replayed_at from dead_letter where environment = $1 order by id'),
    };
  }
  const DAY = 86_400_000;
  const event = (n: number, more: object = {}) => ({
    id: uuid(n),
    user: 'u-1',
    at: NOW,
    name: 'click',
    ...more,
  });

  test('letters are listed by reason, tried without effect, and replayed once those that pass by now', async () => {
    const { eventLog, run, post, replay, setClock, outcomes, letters } = await setUp();
    const early = [1, 2].map((n) => event(n, { at: NOW + 2 * DAY }));
    await post([event(9), ...early, event(3, { name: 'No Name' }), 7]);
    await eventLog.flush(5_000);
    const list = await run('dead-letters');
    expect(list.code).toBe(0);
    const reasons = list.answer.reasons as { reason: string; letters: number; first: number }[];
    expect(reasons.map(({ letters: n }) => n)).toEqual([2, 1, 1]);
    expect(reasons[0]).toMatchObject({ reason: expect.stringContaining('over 24 hours ahead'), first: NOW });

    expect(await replay()).toMatchObject({ code: 1, answer: { letters: 4, stored: 0, duplicates: 0 } });
    setClock(NOW + 2 * DAY);
    const reason = ['--reason', 'over 24 hours'];
    expect(await replay('--dry-run', ...reason)).toMatchObject({
      code: 0,
      answer: { dryRun: true, letters: 2, stored: 2 },
    });
    expect(await outcomes()).toHaveLength(1);
    const until = new Date(NOW).toISOString();
    expect(await replay('--until', until)).toMatchObject({ code: 0, answer: { letters: 0 } });
    // One of them was sent again by its client meanwhile.
    await post([early[0]]);
    await eventLog.flush(5_000);
    expect(await replay(...reason)).toMatchObject({
      code: 0,
      answer: { letters: 2, stored: 1, duplicates: 1, failing: [] },
    });
    expect((await outcomes()).map(({ at }) => at)).toEqual([NOW + 2 * DAY, NOW + 2 * DAY, NOW]);
    const again = await replay();
    expect(again).toMatchObject({ code: 1, answer: { letters: 2, stored: 0, duplicates: 0 } });
    expect(again.answer.failing).toHaveLength(2);
    await eventLog.flush(5_000);
    const kept = await letters();
    expect(kept).toHaveLength(4);
    expect(kept.map(({ replayed_as }) => replayed_as).sort()).toEqual(['duplicate', 'stored', null, null]);
  });

  test('a conflict stays one until its id is free; what the database refused for a time is stored', async () => {
    const { environment, target, replay, outcomes, letters } = await setUp();
    const outcome = (n: number, unit: string) => ({
      environment,
      id: uuid(n),
      unit,
      at: NOW,
      items: [{ name: 'click', value: 1, title: -1, afterMs: 0 }],
    });
    await target.appendOutcomes([outcome(1, 'first')]);
    await target.deadLetters([
      letter(
        environment,
        NOW,
        { outcomes: [outcome(1, 'second')] },
        'another payload is stored under this id',
      ),
      letter(environment, NOW, { outcomes: [outcome(2, 'late')] }, 'refused'),
      letter(environment, NOW, { journal: 'AAAA' }, 'not a record'),
    ]);
    expect(await replay('--dry-run')).toMatchObject({ code: 1, answer: { stored: 1 } });
    const { code, answer } = await replay();
    expect([code, answer.letters, answer.stored]).toEqual([1, 3, 1]);
    expect(answer.failing).toEqual(
      expect.arrayContaining([{ reason: 'another payload is stored under this id', letters: 1 }]),
    );
    expect(await outcomes()).toHaveLength(2);
    expect((await letters()).filter(({ replayed_as }) => replayed_as === 'stored')).toHaveLength(1);
  });

  test('a time without a zone and a server that does not answer are told', async () => {
    const { environment, target, run } = await setUp();
    await target.deadLetters([letter(environment, NOW, { id: 'x' }, 'no id')]);
    expect((await run('replay', '--since', '2026-10-01')).code).toBe(2);
    const { code, stderr } = await run('replay', '--url', 'http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(stderr).toContain('no server answers at http://127.0.0.1:9');
  });
});
