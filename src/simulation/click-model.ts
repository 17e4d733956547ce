import { examination } from './examination.ts';
import { uniform } from './random.ts';

/** What a viewer did on one page; the columns are used again for the next page. */
export interface PageVisit {
  /** Slots examined. */
  viewed: number;
  clicks: number;
  /** Slots examined, from the top: the first `viewed` entries. */
  readonly examined: Int32Array;
  /** Slots clicked, from the top: the first `clicks` entries. */
  readonly clicked: Int32Array;
  /** Slots viewed up to and including the click, parallel to `clicked`. */
  readonly viewedBefore: Int32Array;
}

const MOST_SLOTS = 256;

export function createPageVisit(): PageVisit {
  return {
    viewed: 0,
    clicks: 0,
    examined: new Int32Array(MOST_SLOTS),
    clicked: new Int32Array(MOST_SLOTS),
    viewedBefore: new Int32Array(MOST_SLOTS),
  };
}

/** What a click model is told of the slots of a page, as probabilities. */
export interface SlotRelevance {
  /** P(click | examined). */
  attraction(slot: number): number;
  /** P(content with it | clicked). */
  satisfaction(slot: number): number;
}

/** One thing that may happen at a slot: true with the given probability. Each purpose is asked at most once a slot. */
export type Coin = (purpose: number, slot: number, probability: number) => boolean;

/**
 * How a page is looked at and clicked. A model decides from relevance and coins alone.
 * @param slots at most 256
 * @param out   overwritten
 */
export interface ClickModel {
  readonly name: ClickModelName;
  visit(coin: Coin, slots: number, relevance: SlotRelevance, out: PageVisit): void;
}

export const CLICK_MODELS = ['pbm', 'cascade', 'dbn'] as const;
export type ClickModelName = (typeof CLICK_MODELS)[number];

const EXAMINE = 0x6578;
const CLICK = 0x636c;
const CONTENT = 0x636f;

/** P(the next slot is examined | the viewer is not content yet) of the dynamic Bayesian model, as in its paper. */
export const PERSEVERANCE = 0.9;

/** Coins by keyed random numbers. @param page a hash that names the visit */
export function keyedCoin(seed: number, page: number): Coin {
  return (purpose, slot, probability) => uniform(seed, page, slot, purpose) < probability;
}

/** Position-based: a slot is examined by its position alone, and clicked when it was examined and attracts (Craswell et al. 2008). */
export const positionBased: ClickModel = {
  name: 'pbm',
  visit(coin, slots, relevance, out) {
    out.viewed = 0;
    out.clicks = 0;
    for (let slot = 0; slot < slots; slot++) {
      if (!coin(EXAMINE, slot, examination(slot))) continue;
      out.examined[out.viewed++] = slot;
      if (coin(CLICK, slot, relevance.attraction(slot))) click(out, slot);
    }
  },
};

/** Cascade: slots are examined one after another until the first click, which ends the visit (Craswell et al. 2008). */
export const cascade: ClickModel = {
  name: 'cascade',
  visit(coin, slots, relevance, out) {
    out.viewed = 0;
    out.clicks = 0;
    for (let slot = 0; slot < slots && out.clicks === 0; slot++) {
      out.examined[out.viewed++] = slot;
      if (coin(CLICK, slot, relevance.attraction(slot))) click(out, slot);
    }
  },
};

/**
 * Dynamic Bayesian: from the top; a clicked title may content the viewer, which ends the visit, and else the next slot is
 * examined with probability `PERSEVERANCE` (Chapelle and Zhang 2009).
 */
export const dynamicBayesian: ClickModel = {
  name: 'dbn',
  visit(coin, slots, relevance, out) {
    out.viewed = 0;
    out.clicks = 0;
    for (let slot = 0; slot < slots; slot++) {
      out.examined[out.viewed++] = slot;
      if (coin(CLICK, slot, relevance.attraction(slot))) {
        click(out, slot);
        if (coin(CONTENT, slot, relevance.satisfaction(slot))) return;
      }
      if (!coin(EXAMINE, slot, PERSEVERANCE)) return;
    }
  },
};

export const clickModels: Readonly<Record<ClickModelName, ClickModel>> = {
  pbm: positionBased,
  cascade,
  dbn: dynamicBayesian,
};

function click(out: PageVisit, slot: number): void {
  out.clicked[out.clicks] = slot;
  out.viewedBefore[out.clicks++] = out.viewed;
}
