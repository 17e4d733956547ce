import { Redis } from 'ioredis';
import { createCandidateFile } from '../../src/files/candidate-file.ts';
import { packLists } from '../../src/ranking/candidate-bytes.ts';
import type { CandidatePlan, CandidateTarget } from '../../src/ranking/candidate-plan.ts';
import type { CandidateLists } from '../../src/ranking/viewer.ts';
import { createRedisCandidateTarget } from '../../src/redis/candidate-target.ts';

export const PLAN: CandidatePlan = {
  modelsVersion: 'v1',
  sources: ['ials', 'content'],
  length: 50,
  users: 4_000,
  history: 'h',
};
const CHUNK = 40;

export const userOf = (user: number): string => `user-${user}`;

/** Lists that only this user has. */
export function listsOf(user: number): CandidateLists {
  return {
    ials: { titles: Int32Array.from({ length: user % 50 }, (_, place) => (user * 31 + place) % 60_000) },
    content: { titles: Int32Array.of(user) },
    watchCount: user,
  };
}

/** Commits what is left of the plan, chunk by chunk. */
export async function writeRest(
  target: CandidateTarget,
  committed: (done: number) => void = () => {},
): Promise<void> {
  for (let done = await target.begin(PLAN, true); done < PLAN.users; done += CHUNK) {
    const users = Array.from({ length: Math.min(CHUNK, PLAN.users - done) }, (_, i) => done + i);
    await target.commit(users.map(userOf), packLists(users.map(listsOf)));
    committed(done + users.length);
  }
  await target.finish();
}

/** As a process of its own, to be killed: `node candidate-writer.js file FOLDER`, or `redis URL PREFIX`. */
const [kind, place, prefix] = process.argv.slice(2);
if (kind === 'file' || kind === 'redis') {
  const target =
    kind === 'file'
      ? createCandidateFile(place as string)
      : createRedisCandidateTarget(new Redis(place as string), prefix as string);
  await writeRest(target, (done) => process.stdout.write(`${done}\n`));
  process.exit(0);
}
