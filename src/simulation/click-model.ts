import { examination } from './examination.ts';
import { uniform } from './random.ts';

/** What a viewer did on one page. */
export interface PageVisit {
  /** Slots examined. */
  viewed: number;
  /** Slots clicked, from the top. */
  readonly clicks: number[];
  /** Slots viewed up to and including the click, parallel to `clicks`. */
  readonly viewedBefore: number[];
}

/**
 * How a page is looked at and clicked. A model decides from attractions and keyed random numbers alone.
 * @param page  a hash that names the visit
 */
export interface ClickModel {
  readonly name: string;
  visit(seed: number, page: number, slots: number, attraction: (slot: number) => number): PageVisit;
}

const EXAMINE = 0x6578;
const CLICK = 0x636c;

/** Position-based: a slot is examined by its position alone, and clicked when it was examined and attracts (Craswell et al. 2008). */
export const positionBased: ClickModel = {
  name: 'pbm',
  visit(seed, page, slots, attraction) {
    const visit: PageVisit = { viewed: 0, clicks: [], viewedBefore: [] };
    for (let slot = 0; slot < slots; slot++) {
      if (uniform(seed, page, slot, EXAMINE) >= examination(slot)) continue;
      visit.viewed++;
      if (uniform(seed, page, slot, CLICK) >= attraction(slot)) continue;
      visit.clicks.push(slot);
      visit.viewedBefore.push(visit.viewed);
    }
    return visit;
  },
};
