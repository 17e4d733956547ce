import type { Slate } from './stage.ts';

/**
 * Team-draft interleaving (Radlinski, Kurup, Joachims 2008): the team with fewer slots picks its best title not yet
 * taken; a coin decides when both have as many. A ranker that has run out leaves the rest to the other.
 *
 * The propensity of a slot is P(title in slot | slots and teams before it): 1 or 1/2 for the turn, times the title's
 * propensity in the list of the ranker that picks; where both rankers would place the same title, the sum over both.
 * That is exact for lists that are not drawn. Of drawn ones it is not: a title that the other ranker placed first leaves no
 * trace of its draw, which is why declarations of such an experiment are refused (`drawingStage`).
 *
 * @param random uniform in [0, 1); called once for each slot at which both teams are level and able to pick
 */
export function interleave(first: Slate, second: Slate, slots: number, random: () => number): Slate {
  const lists = [first, second] as const;
  const taken = new Set<number>();
  const next = [0, 0];
  const placed = [0, 0];
  const length = Math.min(slots, new Set([...first.titles, ...second.titles]).size);
  const slate = {
    titles: new Int32Array(length),
    scores: new Float32Array(length),
    sources: new Uint8Array(length),
    propensities: new Float32Array(length),
    because: new Int32Array(length),
    teams: new Uint8Array(length),
  };
  for (let slot = 0; slot < length; slot++) {
    for (const team of [0, 1]) while (taken.has(lists[team]!.titles[next[team]!]!)) next[team]!++;
    const able = [0, 1].map((team) => next[team]! < lists[team]!.titles.length);
    const level = able[0] && able[1] && placed[0] === placed[1];
    const team = level ? (random() < 0.5 ? 0 : 1) : able[0] && (!able[1] || placed[0]! < placed[1]!) ? 0 : 1;
    const list = lists[team]!;
    const from = next[team]!;
    const title = list.titles[from]!;
    let propensity = list.propensities[from]!;
    if (level) {
      const other = lists[1 - team]!;
      const rival = next[1 - team]!;
      propensity = (propensity + (other.titles[rival] === title ? other.propensities[rival]! : 0)) / 2;
    }
    slate.titles[slot] = title;
    slate.scores[slot] = list.scores[from]!;
    slate.sources[slot] = list.sources[from]!;
    slate.propensities[slot] = propensity;
    slate.because[slot] = list.because[from]!;
    slate.teams[slot] = team;
    taken.add(title);
    placed[team]!++;
  }
  return slate;
}
