import type { Models } from '../ranking/models.ts';
import type { Candidates, PipelineTools, SkipReason, Stage, Work } from './stage.ts';
import { createCandidates, handOver } from './work.ts';

/** Candidate columns between two uses. */
export interface Columns {
  lend(): Candidates;
  giveBack(candidates: Candidates): void;
}

export function createColumns(): Columns {
  const spare: Candidates[] = [];
  return {
    lend: () => spare.pop() ?? createCandidates(0),
    giveBack: (candidates) => {
      spare.push(candidates);
    },
  };
}

/**
 * Runs one middle stage over a batch, so that each request has either all of what the stage did or none of it.
 *
 * A stage that may be given up works on drafts. They take the place of the candidates when it is done in time and left nothing
 * but numbers; otherwise the candidates stay what they were. A late stage goes on with its drafts, which are nobody else's until it
 * has ended.
 *
 * Undefined is returned when the stage was synchronous and is over. Throws, or rejects, when it may not be skipped.
 * The deadline is in microseconds by the clock of the tools.
 */
export type Attempt = (
  stage: Stage,
  batch: readonly Work[],
  models: Models,
  deadline: number,
) => Promise<void> | undefined;

export function createAttempt(columns: Columns, tools: PipelineTools): Attempt {
  const { micros, timer, onSkip } = tools;

  function giveUp(stage: Stage, batch: readonly Work[], reason: SkipReason, cause: unknown): void {
    if (stage.onFailure === 'fail') throw failure(stage, reason, cause);
    for (const work of batch) work.skipped.push({ stage: stage.name, reason });
    onSkip?.({ stage: stage.name, reason, cause, requests: batch.length });
  }

  function late(stage: Stage, batch: readonly Work[]): void {
    const within =
      stage.withinMs === undefined ? '' : `${stage.withinMs} ms after the start of the pipeline, or `;
    giveUp(stage, batch, 'late', new Error(`not done ${within}by the deadline of its requests`));
  }

  function accept(stage: Stage, batch: readonly Work[], drafts: readonly Work[]): void {
    const broken: Work[] = [];
    for (let i = 0; i < batch.length; i++) {
      const { candidates } = drafts[i]!;
      if (!isRanked(candidates)) {
        broken.push(batch[i]!);
        columns.giveBack(candidates);
        continue;
      }
      columns.giveBack(batch[i]!.candidates);
      batch[i]!.candidates = candidates;
    }
    if (broken.length > 0) giveUp(stage, broken, 'failed', noNumbers());
  }

  function discard(drafts: readonly Work[]): void {
    for (const { candidates } of drafts) columns.giveBack(candidates);
  }

  function draftOf({ request, candidates }: Work): Work {
    const draft = columns.lend();
    handOver(candidates, draft);
    return { request, candidates: draft, slate: undefined, skipped: [], relaxed: 0 };
  }

  /** Without drafts: when it fails, so does the pipeline. */
  function directly(stage: Stage, batch: readonly Work[], models: Models): Promise<void> | undefined {
    const failed = (cause: unknown): never => {
      throw failure(stage, 'failed', cause);
    };
    const check = (): void => {
      if (!batch.every(({ candidates }) => isRanked(candidates))) failed(noNumbers());
    };
    let pending: void | Promise<void>;
    try {
      pending = stage.run(batch, models);
    } catch (error) {
      return failed(error);
    }
    if (pending !== undefined) return pending.then(check, failed);
    check();
    return undefined;
  }

  async function inTime(
    stage: Stage,
    batch: readonly Work[],
    drafts: readonly Work[],
    pending: Promise<void>,
    deadline: number,
  ): Promise<void> {
    let cause: unknown;
    let isOver = false;
    const ended = pending.then(
      () => {
        isOver = true;
        return true;
      },
      (error: unknown) => {
        isOver = true;
        cause = error;
        return false;
      },
    );
    const succeeded = await (timer === undefined || deadline === Number.POSITIVE_INFINITY
      ? ended
      : beforeLong(ended, (deadline - micros()) / 1000, timer));
    if (!isOver || micros() > deadline) {
      if (isOver) discard(drafts);
      else ended.then(() => discard(drafts));
      late(stage, batch);
    } else if (succeeded) {
      accept(stage, batch, drafts);
    } else {
      discard(drafts);
      giveUp(stage, batch, 'failed', cause);
    }
  }

  return (stage, batch, models, deadline) => {
    if (deadline < Number.POSITIVE_INFINITY && micros() >= deadline) {
      late(stage, batch);
      return undefined;
    }
    // Given up, it would go on with columns that were handed to others.
    const mayBeGivenUp = deadline < Number.POSITIVE_INFINITY;
    if (stage.onFailure === 'fail' && !mayBeGivenUp) return directly(stage, batch, models);
    const drafts = batch.map(draftOf);
    let pending: void | Promise<void>;
    try {
      pending = stage.run(drafts, models);
    } catch (error) {
      discard(drafts);
      giveUp(stage, batch, 'failed', error);
      return undefined;
    }
    if (pending === undefined) {
      accept(stage, batch, drafts);
      return undefined;
    }
    return inTime(stage, batch, drafts, pending, deadline);
  };
}

/** Resolves as `ended` does, or with false after so many ms. */
async function beforeLong(
  ended: Promise<boolean>,
  ms: number,
  timer: NonNullable<PipelineTools['timer']>,
): Promise<boolean> {
  let cancel = (): void => {};
  const over = new Promise<boolean>((resolve) => {
    cancel = timer(Math.max(0, ms), () => resolve(false));
  });
  try {
    return await Promise.race([ended, over]);
  } finally {
    cancel();
  }
}

function isRanked({ score, count }: Candidates): boolean {
  for (let i = 0; i < count; i++) if (!Number.isFinite(score[i])) return false;
  return true;
}

function noNumbers(): Error {
  return new Error('it left scores that are no finite numbers');
}

function failure(stage: Stage, reason: SkipReason, cause: unknown): Error {
  const what = reason === 'late' ? 'is late' : 'failed';
  return new Error(`stage ${stage.name} ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  });
}
