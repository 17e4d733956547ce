import type { ViewerProfile, Viewers } from '../viewers.ts';
import type { Bus } from './bus.ts';

const WATCHED = 'watched';
const PROFILE = 'profile';

type Watch = readonly [id: string, title: number, weight: number, at: number];

/** The same viewers; what one process of the server learns of them all others learn within moments. */
export function sharedViewers(viewers: Viewers, bus: Bus): Viewers {
  let watches: Watch[] = [];
  const tellAll = (): void => {
    bus.tell(WATCHED, watches);
    watches = [];
  };
  bus.onTold(WATCHED, (told: readonly Watch[]) => {
    for (const watch of told) viewers.watched(...watch);
  });
  bus.onTold(PROFILE, ([id, profile]: readonly [string, ViewerProfile]) => viewers.profile(id, profile));
  return {
    get size() {
      return viewers.size;
    },
    get: (id) => viewers.get(id),
    load: (ids, interactions) => viewers.load(ids, interactions),
    watched(id, title, weight, at) {
      viewers.watched(id, title, weight, at);
      // What comes in one turn of the event loop goes together.
      if (watches.length === 0) setImmediate(tellAll);
      watches.push([id, title, weight, at]);
    },
    profile(id, profile) {
      viewers.profile(id, profile);
      bus.tell(PROFILE, [id, profile]);
    },
  };
}
