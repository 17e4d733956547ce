import { createRecentRequests, type RecentRequests } from '../http/recent-requests.ts';
import type { Bus } from './bus.ts';

const SERVED = 'served';

/** Requests that any process of the server served lately: what came of a slate may be posted to another one. */
export function sharedRequests(limit: number, bus: Bus): RecentRequests {
  const served = createRecentRequests(limit);
  let added: (readonly [id: string, surface: string])[] = [];
  bus.onTold(SERVED, (told: typeof added) => {
    for (const [id, surface] of told) served.add(id, surface);
  });
  return {
    add(id, surface) {
      served.add(id, surface);
      if (added.length === 0)
        setImmediate(() => {
          bus.tell(SERVED, added);
          added = [];
        });
      added.push([id, surface]);
    },
    surfaceOf: served.surfaceOf,
  };
}
