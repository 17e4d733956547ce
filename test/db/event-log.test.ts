import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import { createEventLog } from '../../src/db/event-log.ts';
import { blockOf } from '../../src/db/outcome-block.ts';
import { type DeadLetter, letter } from '../../src/events/dead-letter.ts';
import { unpack } from '../../src/events/pack.ts';
import { payloadHash } from '../../src/events/payload-hash.ts';
import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../../src/events/records.ts';
import { describeEachDatabase } from '../support/databases.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);

let counter = 0;
const environment = () => `test-${++counter}`;

function request(env: string, fields: Partial<RequestRecord> = {}): RequestRecord {
  const at = fields.at ?? START;
  return {
    environment: env,
    id: v7({ msecs: at }),
    unit: 'u-1',
    at,
    surface: 'homepage',
    device: 'tv',
    country: 'US',
    configuration: 'c1',
    models: 'm1',
    pipeline: 'default',
    error: false,
    fallback: 'none',
    totalMicros: 1_500,
    stages: [{ stage: 'fill', micros: 12, titles: 200 }],
    skipped: [{ stage: 'score', reason: 'late' }],
    relaxed: 2,
    slate: {
      titles: Int32Array.of(3, 1),
      scores: Float32Array.of(0.5, 0.25),
      sources: Uint8Array.of(0, 4),
      propensities: Float32Array.of(1, 0.5),
      because: Int32Array.of(-1, 7),
    },
    simpsonMicro: 500_000,
    longTail: 1,
    ...fields,
  };
}

function exposure(env: string, fields: Partial<ExposureRecord> = {}): ExposureRecord {
  return {
    environment: env,
    experiment: 'e',
    iteration: 1,
    unit: 'u-1',
    variant: 'a',
    at: START,
    forced: false,
    phase: 0,
    attributes: { country: 'US' },
    configuration: 'c1',
    ...fields,
  };
}

function outcome(env: string, fields: Partial<OutcomeRecord> = {}): OutcomeRecord {
  return {
    environment: env,
    id: randomUUID(),
    unit: 'u-1',
    at: START,
    items: [{ name: 'watch', value: 60, title: 3, afterMs: 5 }],
    ...fields,
  };
}

await describeEachDatabase('event log', (database) => {
  test('a request is stored once, packed, in the partition of its own time', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    const record = request(env, { at: START + 3 * DAY });
    await log.append({ requests: [record, record], exposures: [] });
    await log.append({ requests: [{ ...record, unit: 'someone-else' }], exposures: [] });
    const { rows } = await db.pool.query('select * from request where environment = $1', [env]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ unit: 'u-1', day: '2026-10-04', at: record.at, slots: 2, long_tail: 1 });
    expect(unpack(rows[0].slate)).toEqual({
      slate: record.slate,
      stages: record.stages,
      skipped: record.skipped,
      relaxed: record.relaxed,
    });
    await log.close();
  });

  test.each([1, 300])('outcomes: stored, then duplicate, then conflict (batches of %i)', async (size) => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    const records = Array.from({ length: size }, () => outcome(env));
    const first = records[0] as OutcomeRecord;
    expect(new Set(await log.appendOutcomes(records))).toEqual(new Set(['stored']));
    expect(new Set(await log.appendOutcomes(records))).toEqual(new Set(['duplicate']));
    const other = { ...first, items: [] };
    const fresh = outcome(env);
    expect(await log.appendOutcomes([other, fresh, fresh, { ...fresh, unit: 'x' }, first])).toEqual([
      'conflict',
      'stored',
      'duplicate',
      'conflict',
      'duplicate',
    ]);
    const { rows } = await db.pool.query('select count(*) as n from outcome where environment = $1', [env]);
    expect(rows[0].n).toBe(size + 1);
    expect(log.stats()).toMatchObject({ conflicts: 2, duplicates: size + 2 });
    await log.close();
  });

  test('text with every awkward character survives both ways in', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    const unit = 'tab\t newline\n return\r back\\slash "quote" {brace} \\N ünï 🎬';
    for (const size of [1, 200]) {
      await log.appendOutcomes(Array.from({ length: size }, () => outcome(env, { unit, surface: unit })));
    }
    const { rows } = await db.pool.query(
      'select distinct unit, surface, count(*) as n from outcome where environment = $1 group by 1, 2',
      [env],
    );
    expect(rows).toEqual([{ unit, surface: unit, n: 201 }]);
    await log.close();
  });

  test.each([
    ['in order', [0, 1, 2, 3]],
    ['reversed', [3, 2, 1, 0]],
    ['shuffled', [2, 0, 3, 1]],
  ])('the earliest exposure wins, arriving %s, one by one or at once', async (_, order) => {
    const { db } = database();
    const seen = [
      exposure('', { at: START, variant: 'a', attributes: { country: 'US' } }),
      exposure('', { at: START + 1, variant: 'b', attributes: { country: 'DE' } }),
      exposure('', { at: START + 2, variant: 'a', attributes: { country: 'FR' } }),
      exposure('', { at: START, variant: 'b', attributes: { country: 'BR' } }),
    ];
    const shuffled = order.map((i) => seen[i] as ExposureRecord);
    const expected = { variant: 'a', at: START, attributes: { country: 'US' }, crossed: true, forced: false };
    for (const batches of [shuffled.map((one) => [one]), [shuffled]]) {
      const env = environment();
      const log = createEventLog(db);
      for (const batch of batches) {
        await log.append({ requests: [], exposures: batch.map((one) => ({ ...one, environment: env })) });
      }
      const { rows } = await db.pool.query('select * from exposure where environment = $1', [env]);
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject(expected);
      await log.close();
    }
  });

  test('a unit that was ever forced stays marked', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    await log.append({ requests: [], exposures: [exposure(env)] });
    await log.append({ requests: [], exposures: [exposure(env, { at: START + 5, forced: true })] });
    const { rows } = await db.pool.query('select * from exposure where environment = $1', [env]);
    expect(rows[0]).toMatchObject({ at: START, forced: true, crossed: false });
    await log.close();
  });

  test('what arrives during a commit shares the next one', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    await Promise.all(
      Array.from({ length: 200 }, () => log.append({ requests: [request(env)], exposures: [exposure(env)] })),
    );
    expect(log.stats().commits).toBeLessThan(20);
    const { rows } = await db.pool.query('select count(*) as n from request where environment = $1', [env]);
    expect(rows[0].n).toBe(200);
    await log.close();
  });

  test('concurrent writers of the same records store each once', async () => {
    const { db } = database();
    const env = environment();
    const records = Array.from({ length: 400 }, (_, i) => outcome(env, { unit: `u-${i}` }));
    const logs = [createEventLog(db), createEventLog(db), createEventLog(db)];
    const answers = await Promise.all(
      logs.map((log, i) => log.appendOutcomes(i === 1 ? [...records].reverse() : records)),
    );
    expect(answers.flat().filter((answer) => answer === 'stored')).toHaveLength(400);
    expect(answers.flat().filter((answer) => answer === 'conflict')).toHaveLength(0);
    for (const log of logs) await log.close();
  });

  test.each([
    [{ id: 'nope' }, 'id is "nope"; it should be a UUID'],
    [{ unit: '' }, 'unit is ""; it should be text that is not empty'],
    [{ at: 1.5 }, 'at is 1.5; it should be whole milliseconds'],
    [{ items: [{ name: 'watch', value: 0.5, title: 1, afterMs: 0 }] }, 'items[0].value is 0.5'],
  ])('a record that cannot be kept is named: %j', async (fields, message) => {
    const { db } = database();
    const log = createEventLog(db);
    await expect(log.appendOutcomes([outcome('x', fields)])).rejects.toThrow(message);
    await log.close();
  });

  test('a record that only the server refuses does not take its neighbours along', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    const answers = await Promise.allSettled([
      log.append({ requests: [request(env)], exposures: [] }),
      log.append({ requests: [request(env, { device: 'nul \0' })], exposures: [] }),
      log.append({ requests: [request(env)], exposures: [] }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await log.close();
  });

  test('few rows (text parameters) and many (binary COPY) are stored alike', async () => {
    const { db } = database();
    const log = createEventLog(db, { now: () => 7 });
    const store = async (env: string, copies: number) => {
      const unit = 'é 🎬 \\ "quoted", {braced}\ttab\nline';
      const many = <T>(make: () => T): T[] => Array.from({ length: copies }, make);
      await log.append({
        requests: many(() => request(env, { unit, country: '', error: true, fallback: 'popularity' })),
        exposures: many(() => 0).map((_, i) =>
          exposure(env, { unit: `${unit}${i}`, forced: true, attributes: { odd: unit }, at: -1 }),
        ),
      });
      const items = [
        { name: 'watch', value: -(2 ** 40) - 1, title: -1, afterMs: 0 },
        { name: 'revenue', value: Number.MAX_SAFE_INTEGER, title: 2 ** 31 - 1, afterMs: 86_400_000 },
      ];
      const requestId = 'ABCDEF01-2345-7789-abcd-ef0123456789';
      await log.appendOutcomes([
        ...many(() => outcome(env, { unit, items, requestId, surface: 'home' })),
        ...many(() => outcome(env, { unit, items: [] })),
      ]);
      const columns = {
        request: `to_jsonb(t) - 'environment' - 'id'`,
        exposure: `to_jsonb(t) - 'environment' - 'unit'`,
        outcome: `to_jsonb(t) - 'environment' - 'id'`,
      };
      const stored: Record<string, unknown[]> = {};
      for (const [table, row] of Object.entries(columns)) {
        const { rows } = await db.pool.query(
          `select distinct (${row})::text as row from ${table} t where environment = $1 order by 1`,
          [env],
        );
        stored[table] = rows.map((r) => r.row);
      }
      return stored;
    };
    const few = await store(environment(), 3);
    expect(few.outcome).toHaveLength(2);
    expect(await store(environment(), 120)).toEqual(few);
    await log.close();
  });

  test('dead letters keep record and reason, and are there once however often they are handed on', async () => {
    const { db } = database();
    const log = createEventLog(db);
    const env = environment();
    const letters = [letter(env, 42, { odd: 'a\0b' }, 'unknown title'), letter(env, 42, 7, 'no event')];
    await log.deadLetters([...letters, letters[0] as DeadLetter]);
    await log.deadLetters(letters);
    const { rows } = await db.pool.query('select * from dead_letter where environment = $1 order by reason', [
      env,
    ]);
    expect(rows).toMatchObject([
      { reason: 'no event', received_at: 42, record: 7 },
      { reason: 'unknown title', received_at: 42, record: { odd: 'a\ufffdb' }, replayed_at: null },
    ]);
    await log.close();
  });

  describe('blocks', () => {
    const awkward = 'tab\t newline\n "quote" ünï 🎬';
    const sample = (env: string): OutcomeRecord[] => [
      outcome(env),
      outcome(env, {
        id: v7({ msecs: START }),
        unit: awkward,
        surface: awkward,
        requestId: v7(),
        sentAt: START + 9,
      }),
      outcome(env, { at: START + 40 * DAY, items: [] }),
      outcome(env, {
        items: ['own_name', 'watch', 'own_name'].map((name, i) => ({
          name,
          value: i === 0 ? -(2 ** 53 - 1) : i,
          title: i - 1,
          afterMs: 1000 * i,
        })),
      }),
    ];
    const stored = async (env: string) => {
      const { rows } = await database().db.pool.query(
        `select to_jsonb(o) - 'environment' - 'name_id' as row, (select array_agg(name order by place) from unnest(name_id) with ordinality as n(number, place)
           join outcome_name on outcome_name.id = number) as names
         from outcome o where environment = $1 order by id`,
        [env],
      );
      return rows.map(({ row, names }) => ({ ...row, names }));
    };

    test('are the rows that one by one would have become, the time of receipt apart', async () => {
      const { db } = database();
      const log = createEventLog(db, { now: () => 7 });
      const [one, many] = [environment(), environment()];
      const records = sample(one);
      await log.appendOutcomes(records);
      const renamed = records.map((record) => ({ ...record, environment: many }));
      const blocks = [blockOf(renamed.slice(0, 3), 7), blockOf(renamed.slice(3), 7)];
      expect(await log.storeBlocks(blocks)).toEqual({ stored: 4, duplicates: 0, conflicts: [] });
      expect(await stored(many)).toEqual(await stored(one));
      await log.close();
    });

    test('change nothing when they come again; of twins the first stays; conflicts are told', async () => {
      const { db } = database();
      const log = createEventLog(db);
      const env = environment();
      const records = sample(env);
      const [first] = records as [OutcomeRecord];
      const other = { ...first, unit: 'other' };
      const fresh = outcome(env);
      const twin = { ...fresh, unit: 'twin' };
      await log.storeBlocks([blockOf(records, 1)]);
      const before = await stored(env);
      expect(await log.storeBlocks([blockOf(records, 2)])).toEqual({
        stored: 0,
        duplicates: 4,
        conflicts: [],
      });
      expect(await stored(env)).toEqual(before);
      const answer = await log.storeBlocks([blockOf([fresh, other], 2), blockOf([twin, fresh], 3)]);
      expect(answer).toMatchObject({ stored: 1, duplicates: 1 });
      const told = (given: OutcomeRecord, kept: OutcomeRecord) => ({
        environment: env,
        id: given.id,
        given: payloadHash(given),
        stored: payloadHash(kept),
      });
      expect(answer.conflicts).toHaveLength(2);
      expect(answer.conflicts).toEqual(expect.arrayContaining([told(other, first), told(twin, fresh)]));
      expect((await stored(env)).map(({ unit }) => unit)).toEqual(expect.arrayContaining(['u-1']));
      expect(await stored(env)).toHaveLength(5);
      await log.close();
    });

    test('of two logs at once, shuffled and with twins, store each id once', async () => {
      const { db } = database();
      const env = environment();
      const records = Array.from({ length: 400 }, () => outcome(env));
      const logs = [createEventLog(db), createEventLog(db)];
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          logs[i % 2]!.storeBlocks([blockOf(i % 3 === 0 ? records : [...records].reverse(), i)]),
        ),
      );
      expect(answers.reduce((sum, answer) => sum + answer.stored, 0)).toBe(400);
      expect(answers.reduce((sum, answer) => sum + answer.duplicates, 0)).toBe(5 * 400);
      expect(await stored(env)).toHaveLength(400);
      for (const log of logs) await log.close();
    });
  });

  test('a full queue and a closed log refuse at once', async () => {
    const { db } = database();
    const log = createEventLog(db, { maxQueue: 3 });
    const env = environment();
    const first = log.appendOutcomes([outcome(env), outcome(env)]);
    await expect(log.appendOutcomes([outcome(env), outcome(env)])).rejects.toMatchObject({
      code: 'queue-full',
    });
    await log.close();
    expect(await first).toEqual(['stored', 'stored']);
    await expect(log.appendOutcomes([outcome(env)])).rejects.toMatchObject({ code: 'closed' });
  });
});
