import { DEVICES, type Impressions, type Interactions } from './catalogue.ts';
import type { FeatureModels } from './features.ts';
import { generator } from './generator.ts';
import type { ViewerProfile } from './history.ts';
import { historyReader } from './history.ts';
import { retrieveLists } from './retrieve.ts';

/** Candidates per source among which titles are told apart. */
const PER_SOURCE = 200;
const NEGATIVES_PER_POSITIVE = 12;
/** Every user is shown a second time as one of whom only so many first watches are known, the lengths in turn. */
const COLD_WATCHES = [0, 1, 3, 10];

/**
 * Labels for a data set without impressions: for each user, of the candidates that the models retrieve from their earlier
 * history, those they liked later (weight of at least `liked`) are positive; of those they did not rate later, twelve per
 * positive are drawn as negatives. Positives outside the candidates are left out, as a re-ranker never sees them; so
 * the labels tell apart what retrieval could not.
 *
 * Ratings know no new users. So that the re-ranker learns what to make of little, each user is shown twice: as they are, and
 * told of their first 0, 1, 3 or 10 watches only.
 *
 * All impressions of a user are at the time of their first later interaction, so that no feature knows more than the
 * models do. Devices are unknown: they are drawn evenly, for the re-ranker to learn that they say nothing.
 *
 * @param earlier what `models` were trained on
 * @param later   each user's next slice
 * @param liked   least weight of a positive
 */
export function impressionsFromRatings(input: {
  readonly models: FeatureModels;
  readonly earlier: Interactions;
  readonly later: Interactions;
  readonly profiles: readonly ViewerProfile[];
  readonly liked: number;
  readonly seed: number;
}): Impressions {
  const { models, earlier, later, profiles, liked, seed } = input;
  const random = generator(seed);
  const read = historyReader(earlier, profiles);
  const rows: { user: number; title: number; label: number; at: number; device: number; told: number }[] = [];
  const opened = new Map<number, { at: number; weights: Map<number, number> }>();
  for (let entry = 0; entry < later.count; entry++) {
    const user = later.users[entry]!;
    const own = opened.get(user) ?? { at: later.at[entry]!, weights: new Map<number, number>() };
    opened.set(user, own);
    own.weights.set(later.titles[entry]!, later.weights[entry]!);
  }
  for (const [user, { at, weights }] of opened) {
    const whole = read(user, Number.POSITIVE_INFINITY);
    const device = Math.floor(random() * DEVICES.length);
    const known = new Set(whole.watchedTitles);
    const show = (told: number): void => {
      const viewer = { ...whole, watchCount: Math.min(told, whole.watchCount) };
      const lists = retrieveLists(models, viewer, PER_SOURCE);
      const candidates = new Set<number>();
      for (const list of [lists.ials, lists.content, lists.ease, lists.itemKnn])
        for (const title of list?.titles ?? []) if (!known.has(title)) candidates.add(title);
      for (const title of models.trending.order.subarray(0, PER_SOURCE))
        if (!known.has(title)) candidates.add(title);
      const positives = [...candidates].filter((title) => (weights.get(title) ?? 0) >= liked);
      const others = [...candidates].filter((title) => !weights.has(title));
      for (const title of positives) rows.push({ user, title, label: 1, at, device, told });
      const wanted = Math.min(others.length, NEGATIVES_PER_POSITIVE * positives.length);
      for (let drawn = 0; drawn < wanted; drawn++) {
        const pick = drawn + Math.floor(random() * (others.length - drawn));
        const title = others[pick]!;
        others[pick] = others[drawn]!;
        rows.push({ user, title, label: 0, at, device, told });
      }
    };
    show(whole.watchCount);
    show(COLD_WATCHES[user % COLD_WATCHES.length]!);
  }
  rows.sort((a, b) => a.at - b.at || a.user - b.user || b.told - a.told || a.title - b.title);
  return {
    count: rows.length,
    users: Int32Array.from(rows, (row) => row.user),
    titles: Int32Array.from(rows, (row) => row.title),
    labels: Uint8Array.from(rows, (row) => row.label),
    at: Float64Array.from(rows, (row) => row.at),
    devices: Uint8Array.from(rows, (row) => row.device),
    told: Int32Array.from(rows, (row) => row.told),
  };
}
