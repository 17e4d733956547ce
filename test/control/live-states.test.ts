import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followDecisions } from '../../src/control/decisions.ts';
import { type LiveStates, openLiveStates } from '../../src/control/live-states.ts';
import { connect } from '../../src/db/connect.ts';
import { type Decision, readDecisions, saveDecision } from '../../src/db/experiment-states.ts';
import { describeEachDatabase } from '../support/databases.ts';

/** A way to the database that can be cut, as a network can. */
async function wire(to: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  let server: Server;
  const open = (port: number) =>
    new Promise<number>((resolve) => {
      server = createServer((near) => {
        const far = createConnection(to);
        for (const socket of [near, far]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => {
            near.destroy();
            far.destroy();
          });
        }
        near.pipe(far).pipe(near);
      }).listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  const port = await open(0);
  return {
    port,
    cut: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    mend: () => open(port),
  };
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('not within 10 s');
    await sleep(5);
  }
}

await describeEachDatabase('live states', (database) => {
  let folder: string;
  let environment: string;
  let open: LiveStates[];
  let iterations: ReadonlyMap<string, number>;
  let line: Awaited<ReturnType<typeof wire>>;
  let told: string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'screentest-states-'));
    environment = randomUUID();
    open = [];
    told = [];
    iterations = new Map([['e', 1]]);
    const { hostname, port } = new URL(database().url);
    line = await wire({ host: hostname, port: Number(port || 5432) });
  });
  afterEach(async () => {
    for (const states of open) await states.close();
    await line.cut();
    await rm(folder, { recursive: true, force: true });
  });

  /** A process of this machine; its own folder makes it another machine. */
  async function start(own = folder): Promise<LiveStates> {
    const url = new URL(database().url);
    url.hostname = '127.0.0.1';
    url.port = String(line.port);
    const states = await openLiveStates({
      folder: own,
      decisions: (heard) =>
        followDecisions(
          () => connect(url.href, { connections: 2, connectMs: 500, answerMs: 500 }),
          environment,
          heard,
        ),
      iterations: () => iterations,
      note: (text) => told.push(text),
      firstMs: 2_000,
    });
    open.push(states);
    return states;
  }
  const decisionOf = (change: Partial<Decision>): Decision => ({
    id: randomUUID(),
    environment,
    experiment: 'e',
    iteration: 1,
    at: 0,
    by: 'ann',
    reason: 'r',
    ...change,
  });
  const stopped = (states: LiveStates) => states.current().get('e')?.stopped === true;
  const inDatabase = () => readDecisions(database().db, environment);

  test('a decision reaches every process, whoever stores it', async () => {
    const [one, other] = [await start(), await start(join(folder, 'another machine'))];
    expect(one.current()).toEqual(new Map());
    await saveDecision(database().db, decisionOf({ phase: 2 }));
    await until(() => one.current().get('e')?.phase === 2 && other.current().get('e')?.phase === 2);
    const kept = await one.decide(decisionOf({ stopped: true }));
    expect(kept).toEqual({ where: 'database', version: (await inDatabase()).at(-1)!.version });
    expect(stopped(one)).toBe(true);
    await until(() => stopped(other));
    await other.decide(decisionOf({ stopped: false }));
    await until(() => !stopped(one));
    expect(one.current().get('e')).toEqual({ phase: 2, stopped: false });
    expect(one.stats()).toMatchObject({ pending: 0, databaseBehind: false, damagedFiles: 0 });
  });

  test('one map until something changed, and the iteration that is declared', async () => {
    const states = await start();
    await states.decide(decisionOf({ stopped: true }));
    expect(states.current()).toBe(states.current());
    iterations = new Map([['e', 2]]);
    expect(states.current()).toEqual(new Map());
    iterations = new Map([['e', 1]]);
    expect(stopped(states)).toBe(true);
  });

  test('with the database away a stop holds on this machine, through a start, and is handed on later', async () => {
    const [one, other] = [await start(), await start()];
    await one.decide(decisionOf({ phase: 1 }));
    await until(() => other.current().get('e')?.phase === 1);
    await line.cut();
    const stop = decisionOf({ stopped: true, reason: 'it hurts' });
    const deciding = one.decide(stop);
    expect(stopped(one)).toBe(true);
    await until(() => stopped(other));
    expect(await deciding).toEqual({ where: 'machine' });
    await expect(one.decide(decisionOf({ stopped: false }))).rejects.toThrow();
    expect(stopped(one)).toBe(true);

    for (const states of open.splice(0)) await states.close();
    const again = await start();
    expect(again.current().get('e')).toEqual({ phase: 1, stopped: true });
    expect(again.stats()).toMatchObject({ pending: 1, silentMs: undefined });

    await line.mend();
    await until(() => again.stats().pending === 0);
    expect(stopped(again)).toBe(true);
    expect((await inDatabase()).at(-1)).toMatchObject({ ...stop });
    expect(readdirSync(join(folder, 'pending'))).toEqual([]);
  }, 30_000);

  test('an older version than the one in force undoes nothing', async () => {
    const states = await start();
    await states.decide(decisionOf({ phase: 1 }));
    await states.decide(decisionOf({ stopped: true }));
    await database().db.pool.query('delete from experiment_state where environment = $1 and stopped', [
      environment,
    ]);
    await until(() => states.stats().databaseBehind);
    expect(stopped(states)).toBe(true);
    expect(told.join()).toContain('what is in force stays');
    await expect(states.decide(decisionOf({ stopped: false }))).rejects.toThrow('has lost decisions');
    await states.close();
    open = [];
    expect(stopped(await start())).toBe(true);
  });

  test('a damaged file is told of, and the one before it is used until the database answers', async () => {
    const before = await start();
    await before.decide(decisionOf({ stopped: true }));
    await before.decide(decisionOf({ phase: 1 }));
    await before.close();
    open = [];
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith('.generation'))
      .sort()
      .at(-1)!;
    truncateSync(join(folder, newest), 20);
    await line.cut();
    const states = await start();
    expect(states.current().get('e')).toEqual({ stopped: true });
    expect(states.stats().damagedFiles).toBe(1);
    expect(told.join()).toContain(newest);
    await line.mend();
    await until(() => states.current().get('e')?.phase === 1);
  });

  test('a first start needs the database', async () => {
    await line.cut();
    await expect(start()).rejects.toThrow('start Postgres');
  });
});
