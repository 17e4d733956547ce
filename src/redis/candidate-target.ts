import type { Redis } from 'ioredis';
import { InvalidInput } from '../files/invalid-input.ts';
import { type CandidatePlan, type CandidateTarget, planDifference } from '../ranking/candidate-plan.ts';
import { candidateKey } from './candidate-keys.ts';

/** Users of one transaction: some hundred kilobytes. */
const TRANSACTION = 500;
/** Keys whose memory the server is asked for. */
const SAMPLED = 200;

interface Checkpoint {
  readonly plan: CandidatePlan;
  readonly done: number;
  /** Of the packed lists of those done. */
  readonly bytes: number;
}

/**
 * Writes where `createRedisCandidateStore` reads. The checkpoint, `prefix:precomputed:{models version}`, is set in the transaction that
 * stores the lists it counts.
 *
 * @param redis not closed by `close`: its owner does
 */
export function createRedisCandidateTarget(redis: Redis, prefix: string): CandidateTarget {
  let checkpoint: Checkpoint | undefined;
  const sampled: string[] = [];
  const checkpointKey = ({ modelsVersion }: CandidatePlan) => `${prefix}:precomputed:${modelsVersion}`;

  return {
    name: `Redis at ${redis.options.host}:${redis.options.port}, keys ${prefix}:candidates:*`,
    async begin(plan, resume) {
      const key = checkpointKey(plan);
      const text = resume ? await redis.get(key) : null;
      if (text !== null) {
        const found = JSON.parse(text) as Checkpoint;
        const difference = planDifference(found.plan, plan);
        if (difference !== undefined)
          throw new InvalidInput(
            `${key} was begun with other settings (${difference}); run without --resume to begin anew`,
          );
        checkpoint = found;
      } else {
        checkpoint = { plan, done: 0, bytes: 0 };
        await redis.set(key, JSON.stringify(checkpoint));
      }
      return checkpoint.done;
    },
    async commit(users, { bytes, ends }) {
      const { plan, ...before } = checkpoint!;
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let first = 0; first < users.length; first += TRANSACTION) {
        const values: (string | Buffer)[] = [];
        const last = Math.min(users.length, first + TRANSACTION);
        for (let i = first; i < last; i++)
          values.push(
            candidateKey(prefix, plan.modelsVersion, users[i]!),
            all.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!),
          );
        if (sampled.length < SAMPLED) sampled.push(values[0] as string);
        const next = { plan, done: before.done + last, bytes: before.bytes + ends[last - 1]! };
        // One after the other: no checkpoint may pass a transaction that failed.
        const transaction = redis.multi().mset(...values);
        refuse(await transaction.set(checkpointKey(plan), JSON.stringify(next)).exec());
        checkpoint = next;
      }
    },
    async finish() {
      const { done, bytes } = checkpoint!;
      const sizes = await Promise.all(sampled.map((key) => redis.memory('USAGE', key)));
      const known = sizes.filter((size): size is number => size !== null);
      const sum = known.reduce((total, size) => total + size, 0);
      return { users: done, bytes, bytesPerUserInStore: known.length === 0 ? 0 : sum / known.length };
    },
    async close() {},
  };
}

/** A transaction is answered even when a command in it was not: out of memory, say. */
function refuse(answers: [error: Error | null, result: unknown][] | null): void {
  for (const [error] of answers ?? []) if (error !== null) throw error;
}
