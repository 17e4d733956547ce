import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { registerEvents } from '../../src/cli/events.ts';
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

/** The command in this process: what it answers and the exit code it sets. */
async function command(...args: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const program = new Command().exitOverride();
    registerEvents(program);
    await program.parseAsync(['events', ...args, '--json'], { from: 'user' });
    const stdout = out.mock.calls.map(([chunk]) => String(chunk)).join('');
    return { code: process.exitCode ?? 0, answer: JSON.parse(stdout) as Record<string, unknown> };
  } finally {
    process.exitCode = 0;
    out.mockRestore();
    error.mockRestore();
  }
}

await describeEachDatabase('npx screentest events', (database) => {
  async function setUp() {
    const { db } = database();
    const environment = `letters-${uuid(Math.floor(performance.now() * 1000))}`;
    const folder = mkdtempSync(join(tmpdir(), 'letters-'));
    const target = createEventLog(db, { now: () => NOW });
    const eventLog = createSpooledLog(target, await openJournal(folder), {
      now: () => NOW,
      roundMs: 1,
      patienceMs: 30_000,
    });
    let clock = NOW;
    const { app } = harness(declarationsOf(ab, outside), { environment, eventLog, clock: () => clock });
    let child: ChildProcess | undefined;
    let storing = 0;
    // What it carries is stored by then, and nobody learns of it.
    app.addHook('onSend', async ({ url }) => {
      if (url.endsWith('wait=stored') && ++storing === 2) child?.kill('SIGKILL');
    });
    await app.listen({ port: 0 });
    closers.push(async () => {
      await app.close();
      await eventLog.close();
      rmSync(folder, { recursive: true });
    });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const common = ['--environment', environment, '--database-url', db.url];
    const run = (...args: string[]) => command(...args, ...common);
    const rows = async (query: string) => (await db.pool.query(query, [environment])).rows;
    return {
      environment,
      eventLog,
      target,
      run,
      /** A replay in a process of its own, killed when its second page was stored; resolves with the signal that ended it. */
      replayKilled: () =>
        new Promise((resolve) => {
          const bin = join(import.meta.dirname, '../../bin/screentest.js');
          child = spawn(process.execPath, [bin, 'events', 'replay', '--url', url, ...common], {
            stdio: 'ignore',
          });
          child.once('exit', (_code, signal) => resolve(signal));
        }),
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
    expect(kept.map(({ replayed_as }) => replayed_as).sort()).toEqual(['duplicate', null, null, 'stored']);
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

  test('a replay that is killed and run again stores every event once', async () => {
    const { environment, target, replay, replayKilled, outcomes, letters } = await setUp();
    const many = Array.from({ length: 1_200 }, (_, n) => letter(environment, NOW, event(n), 'was unknown'));
    await target.deadLetters(many);
    expect(await replayKilled()).toBe('SIGKILL');
    expect(await outcomes()).toHaveLength(1_000);
    expect((await letters()).filter(({ replayed_as }) => replayed_as === 'stored')).toHaveLength(500);
    expect(await replay()).toMatchObject({
      code: 0,
      answer: { letters: 700, stored: 200, duplicates: 500, failing: [] },
    });
    expect(await outcomes()).toHaveLength(1_200);
    expect((await letters()).every(({ replayed_at }) => replayed_at !== null)).toBe(true);
    expect(await replay()).toMatchObject({ code: 0, answer: { letters: 0 } });
  });

  test('a time without a zone and a server that does not answer are told', async () => {
    const { environment, target, run, letters } = await setUp();
    await target.deadLetters([letter(environment, NOW, { id: 'x' }, 'no id')]);
    await expect(run('replay', '--since', '2026-10-01')).rejects.toThrow('it should read like');
    await expect(run('replay', '--url', 'http://127.0.0.1:9')).rejects.toThrow(
      'no server answers at http://127.0.0.1:9',
    );
    expect(await letters()).toMatchObject([{ replayed_at: null }]);
  });
});
