import type { Interactions } from '../ranking/catalogue.ts';
import { bytesOf, float32s, float64s, int32s } from './binary.ts';
import { readFileSet, writeFileSet } from './file-set.ts';

/** Writes interactions into a folder, column by column. */
export async function saveInteractions(folder: string, interactions: Interactions): Promise<void> {
  const { userCount, users, titles, weights, at } = interactions;
  await writeFileSet(
    folder,
    { userCount },
    new Map([
      ['users.bin', bytesOf(users)],
      ['titles.bin', bytesOf(titles)],
      ['weights.bin', bytesOf(weights)],
      ['at.bin', bytesOf(at)],
    ]),
  );
}

/** @throws FileSetError as in `readFileSet` */
export async function loadInteractions(folder: string, mend: string): Promise<Interactions> {
  const { facts, files } = await readFileSet<{ userCount: number }>(folder, mend);
  const users = int32s(files.get('users.bin')!);
  return {
    count: users.length,
    userCount: facts.userCount,
    users,
    titles: int32s(files.get('titles.bin')!),
    weights: float32s(files.get('weights.bin')!),
    at: float64s(files.get('at.bin')!),
  };
}
