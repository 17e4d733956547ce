import type { Interactions } from './catalogue.ts';

/** 1 for titles outside the head: the fewest most watched titles that together collect 80 % of watches (ties by row). */
export function longTail(interactions: Interactions, titles: number, headShare = 0.8): Uint8Array {
  const watches = new Float64Array(titles);
  for (let entry = 0; entry < interactions.count; entry++) watches[interactions.titles[entry]!]!++;
  const tail = new Uint8Array(titles).fill(1);
  const order = Int32Array.from({ length: titles }, (_, title) => title).sort(
    (a, b) => watches[b]! - watches[a]! || a - b,
  );
  let collected = 0;
  for (const title of order) {
    if (collected >= headShare * interactions.count) break;
    tail[title] = 0;
    collected += watches[title]!;
  }
  return tail;
}
