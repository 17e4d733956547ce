import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { afterEach, describe, expect, it } from 'vitest';
import { blockOf } from '../../src/db/outcome-block.ts';
import { readBlock } from '../../src/db/read-block.ts';
import type { StoredConflict } from '../../src/db/store-blocks.ts';
import { letter } from '../../src/events/dead-letter.ts';
import { pack } from '../../src/events/pack.ts';
import { unpackRequest } from '../../src/events/packed-request.ts';
import { payloadHash } from '../../src/events/payload-hash.ts';
import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../../src/events/records.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { decodeRecord, encodeRecord } from '../../src/journal/record-bytes.ts';
import {
  createSpooledLog,
  type LogTarget,
  type SpooledLog,
  type WaitFor,
} from '../../src/journal/spooled-log.ts';

const NOW = 1_790_812_800_000;
const id = (n: number) => `0199f0a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

const request = (n: number): RequestRecord => ({
  environment: 'test',
  id: id(n),
  unit: `u-${n}`,
  at: NOW + n,
  surface: 'homepage',
  device: 'tv',
  country: 'DE',
  configuration: 'c1',
  models: 'm1',
  pipeline: 'hybrid',
  error: false,
  fallback: 'none',
  totalMicros: 321,
  stages: [{ stage: 'fill', micros: 12, titles: 200 }],
  skipped: [{ stage: 'score', reason: 'late' }],
  relaxed: 1,
  slate: {
    titles: Int32Array.of(3, 1),
    scores: Float32Array.of(0.5, 0.25),
    sources: Uint8Array.of(0, 5),
    propensities: Float32Array.of(1, 0.125),
    because: Int32Array.of(-1, 7),
  },
  simpsonMicro: 500_000,
  longTail: 1,
});
const exposure = (n: number): ExposureRecord => ({
  environment: 'test',
  experiment: 'e',
  iteration: 1,
  unit: `u-${n}`,
  variant: 'a',
  at: NOW + n,
  requestId: id(n),
  forced: false,
  phase: 0,
  attributes: { country: 'DE' },
  configuration: 'c1',
});
const outcome = (n: number, value = 1): OutcomeRecord => ({
  environment: 'test',
  id: id(n),
  unit: `u-${n}`,
  at: NOW + n,
  items: [{ name: 'watch', value, title: 3, afterMs: 10 }],
});

function refuseNegative(outcomes: readonly OutcomeRecord[]): void {
  if (outcomes.some(({ items }) => items[0]!.value < 0)) throw new RangeError('value is negative');
}

/** A target that can be made to fail or to hang, and keeps what it was given. */
function createTarget() {
  const stored = {
    requests: new Map<string, RequestRecord>(),
    exposures: [] as ExposureRecord[],
    outcomes: new Map<string, { record: OutcomeRecord; receivedAt: number | undefined }>(),
    letters: [] as unknown[],
  };
  let state: 'up' | 'failing' | 'hanging' = 'up';
  const meet = async (): Promise<void> => {
    if (state === 'failing') throw new Error('connection refused');
    if (state === 'hanging') await new Promise(() => {});
  };
  const target: LogTarget = {
    async append({ requests, exposures }) {
      await meet();
      for (const record of requests) stored.requests.set(record.id, unpackRequest(record));
      stored.exposures.push(...exposures);
    },
    async appendOutcomes(outcomes) {
      await meet();
      refuseNegative(outcomes);
      return outcomes.map((record) => {
        const kept = stored.outcomes.get(record.id)?.record;
        if (kept !== undefined) return payloadHash(kept) === payloadHash(record) ? 'duplicate' : 'conflict';
        stored.outcomes.set(record.id, { record, receivedAt: undefined });
        return 'stored';
      });
    },
    async storeBlocks(blocks) {
      await meet();
      const rows = blocks.flatMap(readBlock);
      refuseNegative(rows.map(({ record }) => record));
      const conflicts: StoredConflict[] = [];
      let duplicates = 0;
      for (const { record, receivedAt, payload } of rows) {
        const { environment, id } = record;
        const kept = stored.outcomes.get(id);
        if (kept === undefined) stored.outcomes.set(id, { record, receivedAt });
        else if (payloadHash(kept.record) === payload) duplicates++;
        else conflicts.push({ environment, id, given: payload, stored: payloadHash(kept.record) });
      }
      return { stored: rows.length - duplicates - conflicts.length, duplicates, conflicts };
    },
    async deadLetters(letters) {
      await meet();
      stored.letters.push(...letters.map(({ reason, text }) => [reason, JSON.parse(text)]));
    },
    async close() {},
  };
  return {
    target,
    stored,
    set: (next: typeof state) => {
      state = next;
    },
  };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function setUp(folder = mkdtempSync(join(tmpdir(), 'spool-'))) {
  const { target, stored, set } = createTarget();
  const changes: string[] = [];
  const log: SpooledLog = createSpooledLog(target, await openJournal(folder), {
    now: () => NOW,
    patienceMs: 30,
    roundMs: 1,
    longestPauseMs: 10,
    onChange: (state) => changes.push(state),
  });
  closers.push(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, log, stored, set, changes };
}

const send = (log: SpooledLog, waitFor: WaitFor, ...outcomes: OutcomeRecord[]) =>
  log.appendEvents({ outcomes, exposures: [], deadLetters: [] }, waitFor);

describe('a journal record', () => {
  const requests = [
    request(1),
    { ...request(2), slate: { ...request(2).slate, teams: Uint8Array.of(0, 255) }, country: 'FR' },
  ];
  const [first, { requestId: _, ...alone }] = [exposure(1), exposure(2)];
  const outcomes: OutcomeRecord[] = [
    outcome(1, 2 ** 40),
    { ...outcome(2, -(2 ** 53 - 1)), sentAt: NOW - 5, requestId: id(9), surface: 'ünï 🎬' },
    { ...outcome(3), items: [] },
    {
      ...outcome(4),
      items: ['play', 'watch', 'play'].map((name, i) => ({ name, value: i, title: -1, afterMs: i })),
    },
  ];
  const record = {
    receivedAt: NOW,
    requests,
    // Of the requests in any order, of one at another time, of none here, and of none at all.
    exposures: [exposure(2), first, { ...first, at: NOW, variant: 'b' }, exposure(3), alone],
    outcomes: blockOf(outcomes, NOW),
    deadLetters: [letter('test', NOW, { any: ['thing', null] }, 'why')],
  };
  const read = (bytes: Uint8Array) => {
    const decoded = decodeRecord(bytes);
    const block = decoded.outcomes;
    return {
      ...decoded,
      requests: decoded.requests.map(unpackRequest),
      outcomes: block === undefined ? [] : readBlock(block),
    };
  };
  const rows = outcomes.map((one) => ({ record: one, receivedAt: NOW, payload: payloadHash(one) }));
  const expected = { ...record, outcomes: rows };

  it('is read back as it was', () => {
    expect(read(encodeRecord(record))).toStrictEqual(expected);
    const empty = { receivedAt: NOW, requests: [], exposures: [], outcomes: undefined, deadLetters: [] };
    expect(read(encodeRecord(empty))).toStrictEqual({ ...empty, outcomes: [] });
    expect(read(encodeRecord({ ...empty, exposures: [alone] }))).toStrictEqual({
      ...empty,
      outcomes: [],
      exposures: [alone],
    });
  });

  it('of versions 1 and 2 is read, too', () => {
    const pairs = requests.map((one) => {
      const { slate, stages, skipped, relaxed, ...fields } = one;
      return [fields, pack({ slate, stages, skipped, relaxed })];
    });
    const { receivedAt, exposures } = record;
    const letters = [{ environment: 'test', record: { any: ['thing', null] }, reason: 'why' }];
    const codec = new Packr({ useRecords: false });
    expect(read(codec.pack([1, receivedAt, pairs, exposures, outcomes, letters]))).toStrictEqual(expected);
    expect(read(codec.pack([2, receivedAt, null, null, outcomes, letters]))).toStrictEqual({
      ...expected,
      requests: [],
      exposures: [],
    });
  });

  it('of another version is refused', () => {
    expect(() => decodeRecord(Buffer.from([0x91, 9]))).toThrow('version 9');
  });
});

describe('a spooled log', () => {
  it('hands on what it made durable', async () => {
    const { log, stored } = await setUp();
    await log.append({ requests: [request(1)], exposures: [exposure(1)] });
    const deadLetters = [{ environment: 'test', record: { id: 5 }, reason: 'no name' }];
    const batch = { outcomes: [outcome(1)], exposures: [], deadLetters };
    expect(await log.appendEvents(batch, 'journal')).toEqual(['accepted']);
    expect(await log.flush(2_000)).toBe(true);
    expect([...stored.requests.values()]).toEqual([request(1)]);
    expect(stored.exposures).toEqual([exposure(1)]);
    expect(stored.letters).toEqual([['no name', { id: 5 }]]);
    expect(stored.outcomes.get(id(1))!.record).toEqual(outcome(1));
    expect(stored.outcomes.get(id(1))!.receivedAt).toBe(NOW);
    expect(log.stats()).toMatchObject({ handedOn: 2, waiting: 0, queued: 0, down: false });
  });

  it.each(['failing', 'hanging'] as const)(
    'keeps everything while its target is %s, and hands it on later',
    async (state) => {
      const { log, stored, set, changes } = await setUp();
      set(state);
      for (let n = 0; n < 20; n++) {
        await log.append({ requests: [request(n)], exposures: [exposure(n)] });
        expect(await send(log, 'database', outcome(n))).toEqual(['accepted']);
      }
      expect(await log.flush(5)).toBe(false);
      expect(stored.requests.size + stored.outcomes.size).toBe(0);
      expect(log.stats().down).toBe(true);
      if (state === 'failing') {
        set('up');
        expect(await log.flush(2_000)).toBe(true);
        expect(stored.requests.size).toBe(20);
        expect(stored.outcomes.get(id(7))).toEqual({ record: outcome(7), receivedAt: NOW });
        expect(await send(log, 'database', outcome(7), outcome(99))).toEqual(['duplicate', 'stored']);
        expect(changes).toEqual(['down', 'up']);
      } else {
        // What hangs in this process is handed on by the next.
        closers.length = 0;
      }
    },
  );

  it('hands on after a start what was kept before it', async () => {
    const first = await setUp();
    first.set('failing');
    await first.log.append({ requests: [request(1)], exposures: [] });
    await first.log.close();
    const second = await setUp(first.folder);
    expect(await second.log.flush(2_000)).toBe(true);
    expect([...second.stored.requests.keys()]).toEqual([id(1)]);
  });

  it('puts aside what the target cannot store, and goes on', async () => {
    const { log, stored, set } = await setUp();
    await expect(send(log, 'database', outcome(1, -1))).rejects.toThrow(RangeError);
    set('failing');
    await send(log, 'journal', outcome(4), outcome(5), outcome(2, -1), outcome(6));
    await send(log, 'journal', outcome(3));
    set('up');
    expect(await log.flush(2_000)).toBe(true);
    expect([...stored.outcomes.keys()].sort()).toEqual([3, 4, 5, 6].map(id));
    expect(stored.letters).toMatchObject([['value is negative', { outcomes: [outcome(2, -1)] }]]);
    expect(log.stats().refused).toBe(1);
  });

  it('puts aside what it cannot read, and goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spool-'));
    const journal = await openJournal(folder);
    const strange = [Buffer.from([0x91, 9]), Buffer.from('not a record')];
    for (const bytes of strange) await journal.append(bytes);
    await journal.close();
    const { log, stored } = await setUp(folder);
    await send(log, 'journal', outcome(1));
    expect(await log.flush(2_000)).toBe(true);
    expect(stored.letters.map((letter) => (letter as unknown[])[1])).toEqual(
      strange.map((bytes) => ({ journal: bytes.toString('base64') })),
    );
    expect(stored.outcomes.size).toBe(1);
    expect(log.stats()).toMatchObject({ refused: 2, down: false });
  });

  it('wakes for each record, however they fall', async () => {
    const { log, stored } = await setUp();
    for (let n = 0; n < 300; n++) {
      await log.append({ requests: [request(n)], exposures: [] });
      if (n % 7 === 0) await new Promise((turn) => setTimeout(turn, n % 3));
    }
    expect(await log.flush(2_000)).toBe(true);
    expect(stored.requests.size).toBe(300);
  });

  it('answers at once for ids it remembers, and knows twins of one batch', async () => {
    const { log, stored } = await setUp();
    expect(await send(log, 'journal', outcome(1), outcome(1), outcome(1, 2), outcome(2))).toEqual([
      'accepted',
      'duplicate',
      'conflict',
      'accepted',
    ]);
    const { records } = log.stats();
    expect(await send(log, 'journal', outcome(1), outcome(2, 5))).toEqual(['duplicate', 'conflict']);
    expect(log.stats().records).toBe(records);
    expect(await log.flush(2_000)).toBe(true);
    expect([...stored.outcomes.values()].map(({ record }) => record)).toEqual([outcome(1), outcome(2)]);
  });

  it('keeps as a dead letter what it accepted and another payload had come before, and says so from then on', async () => {
    const { log, stored } = await setUp();
    stored.outcomes.set(id(1), { record: outcome(1), receivedAt: 1 });
    expect(await send(log, 'journal', outcome(1, 2), outcome(2))).toEqual(['accepted', 'accepted']);
    expect(await log.flush(2_000)).toBe(true);
    expect(stored.outcomes.get(id(1))!.record).toEqual(outcome(1));
    expect(stored.letters).toEqual([
      [expect.stringContaining('another payload is stored'), { outcomes: [outcome(1, 2)] }],
    ]);
    expect(log.stats()).toMatchObject({ conflicts: 1, duplicates: 0 });
    expect(await send(log, 'journal', outcome(1, 2), outcome(1))).toEqual(['conflict', 'duplicate']);
  });

  it('keeps letters that no JSON column would take as they are', async () => {
    const { log, stored } = await setUp();
    const nested = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000));
    const records = [nested, { text: 'a\0b\ud800' }, 'kept: \\u0000'];
    const deadLetters = records.map((record) => ({ environment: 'test', record, reason: 'odd' }));
    await log.appendEvents({ outcomes: [], exposures: [], deadLetters }, 'journal');
    expect(await log.flush(2_000)).toBe(true);
    expect(stored.letters.map((one) => (one as unknown[])[1])).toEqual([
      { not_kept: 'nested deeper than 64' },
      { text: 'a\ufffdb\ufffd' },
      'kept: \\u0000',
    ]);
  });

  it('goes to the target where the journal cannot write', async () => {
    const { folder, log, stored } = await setUp();
    rmSync(folder, { recursive: true });
    expect(await send(log, 'journal', outcome(1))).toEqual(['stored']);
    expect(stored.outcomes.size).toBe(1);
    expect(log.stats().notTaken).toBe(1);
  });
});
