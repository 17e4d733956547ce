import type { Catalogue } from '../ranking/catalogue.ts';
import type { Models } from '../ranking/models.ts';
import { bitCount } from '../ranking/taste.ts';
import { pairScores } from './pair-scores.ts';
import type { Candidates, Work } from './stage.ts';

/** What is known of a candidate that a score may weigh, and what each is before it is scaled. */
export const FIGURES = {
  watch: 'The score so far: a probability of a watch after a model, or the order of the stage before.',
  diversity:
    "How rare the title's genres are: the mean over them of 1 - their share of the viewer's last 50 watches, by weight; before the " +
    'first watch, of the candidates. A title without genres has 0.',
  business: 'The declared values of its id and its tags, added up.',
  popularity: 'log(1 + watches) over all time.',
  trending: 'What trends with everyone.',
  newness: 'exp(-days since it came / 30); 0 where that is unknown.',
  collaborative: 'Matrix factorisation.',
  content: 'Likeness to what was watched.',
  ease: 'EASE.',
  itemKnn: 'Item-kNN.',
} as const;
export type Figure = keyof typeof FIGURES;

/** Writes one figure of every candidate. `business` is by catalogue row. */
export function readFigure(
  out: Float32Array,
  figure: Figure,
  work: Work,
  models: Models,
  business: Float32Array,
): void {
  const { candidates, request } = work;
  const { titles, count } = candidates;
  const gather = (byRow: Float32Array): void => {
    for (let i = 0; i < count; i++) out[i] = byRow[titles[i]!]!;
  };
  switch (figure) {
    case 'watch':
      out.set(candidates.score.subarray(0, count));
      return;
    case 'diversity':
      readDiversity(out, work, models);
      return;
    case 'business':
      gather(business);
      return;
    case 'popularity':
      gather(models.trending.popularity);
      return;
    case 'trending':
      gather(models.trending.score);
      return;
    case 'newness':
      readNewness(out, candidates, models.catalogue, request.at);
      return;
    default:
      pairScores(work, models);
      out.set(candidates[figure].subarray(0, count));
  }
}

const MONTH = 30 * 86_400_000;

function readNewness(
  out: Float32Array,
  { titles, count }: Candidates,
  { addedAt }: Catalogue,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    const added = addedAt[titles[i]!]!;
    out[i] = added === 0 ? 0 : Math.exp(Math.min(0, added - at) / MONTH);
  }
}

function readDiversity(out: Float32Array, work: Work, models: Models): void {
  const { titles, count } = work.candidates;
  const { genreMask } = models.catalogue;
  const taste = pairScores(work, models);
  const shares = taste.watchCount > 0 ? taste.genres : genreShares(work.candidates, genreMask);
  for (let i = 0; i < count; i++) {
    const mask = genreMask[titles[i]!]!;
    let rarity = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) rarity += 1 - shares[31 - Math.clz32(rest & -rest)]!;
    out[i] = mask === 0 ? 0 : rarity / bitCount(mask);
  }
}

/** Share of the candidates by genre; each spreads evenly over its own. */
function genreShares({ titles, count }: Candidates, genreMask: Uint32Array): Float32Array {
  const shares = new Float32Array(32);
  let known = 0;
  for (let i = 0; i < count; i++) {
    const mask = genreMask[titles[i]!]!;
    if (mask === 0) continue;
    known++;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const genre = 31 - Math.clz32(rest & -rest);
      shares[genre] = shares[genre]! + 1 / bitCount(mask);
    }
  }
  return known > 0 ? shares.map((share) => share / known) : shares;
}
