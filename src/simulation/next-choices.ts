import type { Interactions } from '../ranking/catalogue.ts';
import { DEMO_START } from './invented-catalogue.ts';
import type { World } from './world.ts';

/** Titles per viewer. */
const NEXT_CHOICES = 5;

/** The next titles that each viewer would choose unprompted, without those they know. */
export function nextChoices(world: World, history: Interactions): Interactions {
  const known = new Set<number>();
  const size = world.catalogue.size;
  for (let entry = 0; entry < history.count; entry++)
    known.add(history.users[entry]! * size + history.titles[entry]!);
  const users: number[] = [];
  const titles: number[] = [];
  for (let viewer = 0; viewer < world.viewerCount; viewer++) {
    for (let turn = 0; turn < NEXT_CHOICES; turn++) {
      // Occasions that the pre-period did not have.
      const title = world.choose(viewer, -1 - turn);
      if (title < 0 || known.has(viewer * size + title)) continue;
      known.add(viewer * size + title);
      users.push(viewer);
      titles.push(title);
    }
  }
  return {
    count: users.length,
    users: Int32Array.from(users),
    titles: Int32Array.from(titles),
    weights: new Float32Array(users.length).fill(1),
    at: new Float64Array(users.length).fill(DEMO_START),
    userCount: world.viewerCount,
  };
}
