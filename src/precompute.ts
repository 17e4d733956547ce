import { createHash } from 'node:crypto';
import { InvalidInput } from './files/invalid-input.ts';
import { type HistoryChunk, packHistories } from './onnx/history-chunk.ts';
import { retrieveInWorkers } from './onnx/retrieve-in-workers.ts';
import type { CandidatePlan, CandidateTarget, StoredSize } from './ranking/candidate-plan.ts';
import type { Interactions } from './ranking/catalogue.ts';
import type { Models } from './ranking/models.ts';
import { sparseRows } from './ranking/sparse.ts';
import type { ListedSource } from './ranking/viewer.ts';
import { createViewers } from './viewers.ts';

/** Users of one commit. */
const CHUNK = 1_024;

export interface PrecomputeOptions {
  readonly models: Models;
  /** External ids by user row. */
  readonly ids: readonly string[];
  readonly history: Interactions;
  readonly sources: readonly ListedSource[];
  /** Titles per list. */
  readonly length: number;
  readonly target: CandidateTarget;
  /** Go on where a run of the same plan was cut off. */
  readonly resume: boolean;
  readonly progress?: (done: number, total: number) => void;
}

export interface Precomputed extends StoredSize {
  /** Users that an earlier run had done. */
  readonly resumedAt: number;
}

interface UserChunk {
  readonly users: readonly string[];
  readonly histories: HistoryChunk;
}

/**
 * Makes the candidate lists of every user and writes them to the target, in the order of the users.
 *
 * @throws InvalidInput when there is no history, or the target was begun with another plan
 */
export async function precompute(options: PrecomputeOptions): Promise<Precomputed> {
  const { models, ids, history, sources, length, target, progress = () => {} } = options;
  if (ids.length === 0 || history.count === 0)
    throw new InvalidInput('nobody has a history, so there is nothing to make candidate lists of');
  const plan: CandidatePlan = {
    modelsVersion: models.version,
    sources,
    length,
    users: ids.length,
    history: digestOf(ids, history),
  };
  const resumedAt = await target.begin(plan, options.resume);
  let done = resumedAt;
  progress(done, ids.length);
  await retrieveInWorkers(
    { models, sources, length },
    chunksOf(ids, history, resumedAt),
    async ({ users }, packed) => {
      await target.commit(users, packed);
      done += users.length;
      progress(done, ids.length);
    },
  );
  return { ...(await target.finish()), resumedAt };
}

/** Viewers as a server that starts with this history has them: so their lists are up to date there. */
function* chunksOf(ids: readonly string[], history: Interactions, from: number): Generator<UserChunk> {
  const { count } = history;
  const rows = history.users.subarray(0, count);
  const { starts, columns, values } = sparseRows(rows, history.titles, history.weights, ids.length);
  for (let first = from; first < ids.length; first += CHUNK) {
    const users = ids.slice(first, first + CHUNK);
    const [start, end] = [starts[first]!, starts[first + users.length]!];
    const owners = new Int32Array(end - start);
    users.forEach((_, user) => {
      owners.fill(user, starts[first + user]! - start, starts[first + user + 1]! - start);
    });
    const viewers = createViewers();
    viewers.load(users, {
      count: owners.length,
      users: owners,
      titles: columns.subarray(start, end),
      weights: values.subarray(start, end),
      at: new Float64Array(owners.length),
      userCount: users.length,
    });
    yield { users, histories: packHistories(users.map((id) => viewers.get(id))) };
  }
}

function digestOf(ids: readonly string[], { users, titles, weights, count }: Interactions): string {
  const hash = createHash('sha256');
  for (let first = 0; first < ids.length; first += CHUNK)
    hash.update(JSON.stringify(ids.slice(first, first + CHUNK)));
  for (const { buffer, byteOffset } of [users, titles, weights])
    hash.update(new Uint8Array(buffer, byteOffset, 4 * count));
  return hash.digest('hex');
}
