import type { Catalogue } from '../ranking/catalogue.ts';

/** Catalogue.primaryGenre of a title without genres. */
const NO_GENRE = 255;
const counts = new Int32Array(NO_GENRE + 1);

/**
 * Simpson's index of diversity, 1 - sum p_g^2 over the primary genres of a slate, in millionths (0 .. 10^6).
 * Titles without a genre are left out; a slate of them has index 0. (Simpson 1949, "Measurement of diversity".)
 */
export function simpsonMicro(titles: Int32Array, catalogue: Catalogue): number {
  let known = 0;
  let squares = 0;
  for (let slot = 0; slot < titles.length; slot++) {
    const genre = catalogue.primaryGenre[titles[slot]!]!;
    if (genre === NO_GENRE) continue;
    known++;
    // (c + 1)^2 - c^2, so that the sum of squares is kept up without a second pass over the genres.
    squares += 2 * counts[genre]!++ + 1;
  }
  for (let slot = 0; slot < titles.length; slot++) counts[catalogue.primaryGenre[titles[slot]!]!] = 0;
  return known === 0 ? 0 : Math.round(1e6 * (1 - squares / (known * known)));
}

/** Number of slots that hold a long-tail title. */
export function longTailSlots(titles: Int32Array, catalogue: Catalogue): number {
  let slots = 0;
  for (let slot = 0; slot < titles.length; slot++) slots += catalogue.longTail[titles[slot]!]!;
  return slots;
}
