import { describe, expect, it } from 'vitest';
import { createAttempt, createColumns } from '../../src/variants/attempt.ts';
import type { PipelineTools, Stage, Work } from '../../src/variants/stage.ts';
import { smallModels, workOf } from './fixtures.ts';

const models = smallModels();

/** A clock that is set by hand, and timers that go off as it passes them. */
function world() {
  let now = 0;
  const waiting = new Map<number, { at: number; call: () => void }>();
  const skips: string[] = [];
  let timers = 0;
  const tools: PipelineTools = {
    micros: () => now,
    timer(ms, call) {
      const id = timers++;
      waiting.set(id, { at: now + 1000 * ms, call });
      return () => waiting.delete(id);
    },
    onSkip: ({ stage, reason, cause, requests }) =>
      skips.push(`${stage} ${reason} x${requests}: ${(cause as Error).message}`),
  };
  return {
    tools,
    skips,
    waiting,
    advance(ms: number) {
      now += 1000 * ms;
      for (const [id, { at, call }] of waiting) {
        if (at > now) continue;
        waiting.delete(id);
        call();
      }
    },
  };
}

const batchOf = (): Work[] => [
  workOf([
    [0, 0.1],
    [1, 0.2],
  ]),
  workOf([[2, 0.3]]),
];
const columnsOf = (batch: readonly Work[]) =>
  batch.map(({ candidates }) =>
    Array.from({ length: candidates.count }, (_, i) => [candidates.titles[i], candidates.score[i]]),
  );
const DEADLINE = 40_000;

/** Sets every score, in two halves around what it awaits. */
function stageOf(wait: (() => Promise<void>) | undefined, value = 5, more: Partial<Stage> = {}): Stage {
  const set = (batch: readonly Work[], to: number) => {
    for (const { candidates } of batch) candidates.score.fill(to, 0, candidates.count);
  };
  return {
    name: 'model',
    onFailure: 'skip',
    withinMs: 40,
    run(batch) {
      set(batch, -1);
      if (wait === undefined) {
        set(batch, value);
        return undefined;
      }
      return wait().then(() => set(batch, value));
    },
    ...more,
  };
}

describe('a stage that waits', () => {
  it('takes effect when it is done in time, and calls its timer off', async () => {
    const { tools, advance, skips, waiting } = world();
    const batch = batchOf();
    let done = () => {};
    const pending = createAttempt(createColumns(), tools)(
      stageOf(() => new Promise((resolve) => (done = resolve))),
      batch,
      models,
      DEADLINE,
    );
    advance(39);
    done();
    await pending;
    expect(columnsOf(batch).flat()).toEqual([0, 1, 2].map((title) => [title, 5]));
    expect(batch.map(({ skipped }) => skipped)).toEqual([[], []]);
    expect(skips).toEqual([]);
    expect(waiting.size).toBe(0);
  });

  it('is given up when its time is over; what it does later touches nobody, and its columns wait for it', async () => {
    const { tools, advance, skips } = world();
    const columns = createColumns();
    const batch = batchOf();
    const before = columnsOf(batch);
    let done = () => {};
    let drafts: readonly Work[] = [];
    const stage = stageOf(() => new Promise((resolve) => (done = resolve)));
    const { run } = stage;
    const spy: Stage = {
      ...stage,
      run(given, used) {
        drafts = given;
        return run(given, used);
      },
    };
    const pending = createAttempt(columns, tools)(spy, batch, models, DEADLINE);
    advance(40);
    await pending;
    expect(columnsOf(batch)).toEqual(before);
    expect(batch.map(({ skipped }) => skipped)).toEqual(Array(2).fill([{ stage: 'model', reason: 'late' }]));
    expect(skips).toEqual([
      'model late x2: not done 40 ms after the start of the pipeline, or by the deadline of its requests',
    ]);
    // Others borrow columns now: none of them is one that the late stage still holds.
    const held = drafts.map(({ candidates }) => candidates);
    const lent = [columns.lend(), columns.lend(), columns.lend()];
    expect(lent.some((one) => held.includes(one))).toBe(false);
    done();
    await new Promise((resolve) => setImmediate(resolve));
    expect(columnsOf(batch)).toEqual(before);
    expect(held).toContain(columns.lend());
  });

  it('is late when it kept the clock from looking, too', async () => {
    const { tools, advance, skips } = world();
    const batch = batchOf();
    // A model that computes on this thread: the timer cannot go off before it is done.
    const blocked = () => Promise.resolve().then(() => advance(41));
    const attempt = createAttempt(createColumns(), { ...tools, timer: () => () => {} });
    await attempt(stageOf(blocked), batch, models, DEADLINE);
    expect(columnsOf(batch)[1]).toEqual([[2, Math.fround(0.3)]]);
    expect(skips).toHaveLength(1);
  });

  it('has no time limit without a clock that calls back', async () => {
    const batch = batchOf();
    await createAttempt(createColumns(), { micros: () => 0 })(
      stageOf(() => Promise.resolve()),
      batch,
      models,
      DEADLINE,
    );
    expect(columnsOf(batch)[1]).toEqual([[2, 5]]);
  });

  it('fails the pipeline where its declaration says so', async () => {
    const { tools, advance } = world();
    const pending = createAttempt(createColumns(), tools)(
      stageOf(() => new Promise(() => {}), 5, { onFailure: 'fail' }),
      batchOf(),
      models,
      DEADLINE,
    );
    advance(41);
    await expect(pending).rejects.toThrow('stage model is late: not done 40 ms after the start');
  });

  it('that rejects leaves what was, though it had begun to write', async () => {
    const { tools, skips } = world();
    const batch = batchOf();
    const before = columnsOf(batch);
    const rejecting = stageOf(() => Promise.reject(new Error('connection lost')));
    await createAttempt(createColumns(), tools)(rejecting, batch, models, DEADLINE);
    expect(columnsOf(batch)).toEqual(before);
    expect(skips).toEqual(['model failed x2: connection lost']);
  });
});

describe('a stage that computes in one go', () => {
  it.each([
    [39, 5, []],
    [40, Math.fround(0.3), [{ stage: 'model', reason: 'late' }]],
  ])('begun %d ms after the start of the pipeline', (after, expected, skipped) => {
    const { tools, advance } = world();
    const batch = batchOf();
    advance(after);
    expect(
      createAttempt(createColumns(), tools)(stageOf(undefined), batch, models, DEADLINE),
    ).toBeUndefined();
    expect(columnsOf(batch)[1]).toEqual([[2, expected]]);
    expect(batch[1]!.skipped).toEqual(skipped);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'and leaves %d fails for the requests it does so, and for them only',
    (value) => {
      const { tools, skips } = world();
      const batch = batchOf();
      const half: Stage = {
        ...stageOf(undefined),
        run([first, second]) {
          first!.candidates.score[1] = value;
          second!.candidates.score[0] = 9;
        },
      };
      createAttempt(createColumns(), tools)(half, batch, models, Number.POSITIVE_INFINITY);
      expect(columnsOf(batch)).toEqual(columnsOf([batchOf()[0]!, workOf([[2, 9]])]));
      expect(batch.map(({ skipped }) => skipped)).toEqual([[{ stage: 'model', reason: 'failed' }], []]);
      expect(skips).toEqual(['model failed x1: it left scores that are no finite numbers']);
    },
  );

  it('or waits, and may not be skipped, fails the pipeline by numbers that are none', async () => {
    const attempt = createAttempt(createColumns(), { micros: () => 0 });
    const must = (wait?: () => Promise<void>) => {
      const { withinMs, ...stage } = stageOf(wait, Number.NaN, { onFailure: 'fail' });
      return attempt(stage, batchOf(), models, Number.POSITIVE_INFINITY);
    };
    const message = 'stage model failed: it left scores that are no finite numbers';
    expect(() => must()).toThrow(message);
    await expect(must(() => Promise.resolve())).rejects.toThrow(message);
  });

  it('may take titles away and change what is known of the rest', () => {
    const { tools } = world();
    const batch = batchOf();
    const filter: Stage = {
      ...stageOf(undefined),
      run([first]) {
        first!.candidates.titles[0] = first!.candidates.titles[1]!;
        first!.candidates.count = 1;
      },
    };
    createAttempt(createColumns(), tools)(filter, batch, models, DEADLINE);
    expect(columnsOf(batch)[0]!.map(([title]) => title)).toEqual([1]);
  });
});
