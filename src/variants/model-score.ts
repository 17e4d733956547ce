import { addNormalised } from '../ranking/blend.ts';
import { PAIR_WIDTH, USER_WIDTH, writeUserFeatures } from '../ranking/features.ts';
import type { Models, Scorer } from '../ranking/models.ts';
import { writePairFeatures } from '../ranking/pair-features.ts';
import { pairScores } from './pair-scores.ts';
import type { Candidates, Stage, Work } from './stage.ts';

/** Requests scored by one call: with their features and what a model makes of them they stay in the second-level cache. */
const SCORED_TOGETHER = 16;

/**
 * Scores a batch by few calls of a model.
 * @param wanted name, or name@version, of a loaded model
 * @param weight share of the model in the new score, in [0, 1]
 */
export function scoreByModel(wanted: string, weight: number): Stage['run'] {
  // Several batches may be under way, so each takes buffers of its own and gives them back.
  const spare: Buffers[] = [];
  let before = new Float32Array(0);

  async function scorePart(
    scorer: Scorer,
    part: readonly Work[],
    models: Models,
    buffers: Buffers,
  ): Promise<void> {
    const slots = mostCandidates(part);
    if (slots === 0) return;
    writeFeatures(buffers, part, models, slots);
    const scores = await scorer.score(
      part.length,
      slots,
      buffers.users.subarray(0, part.length * USER_WIDTH),
      buffers.candidates.subarray(0, part.length * slots),
      buffers.pairs.subarray(0, part.length * slots * PAIR_WIDTH),
    );
    if (before.length < slots) before = new Float32Array(slots);
    for (let row = 0; row < part.length; row++) {
      const { candidates } = part[row]!;
      const own = scores.subarray(row * slots, row * slots + candidates.count);
      refuseOthers(own, scorer, weight);
      combine(candidates, own, weight, before);
    }
  }

  return async (batch, models) => {
    const scorer = scorerOf(models, wanted);
    const buffers = enough(spare.pop(), Math.min(batch.length, SCORED_TOGETHER), mostCandidates(batch));
    try {
      for (let from = 0; from < batch.length; from += SCORED_TOGETHER)
        await scorePart(scorer, batch.slice(from, from + SCORED_TOGETHER), models, buffers);
    } finally {
      spare.push(buffers);
    }
  };
}

function mostCandidates(batch: readonly Work[]): number {
  let most = 0;
  for (const { candidates } of batch) most = Math.max(most, candidates.count);
  return most;
}

/** @throws when a score is not what is wanted */
function refuseOthers(scores: Float32Array, { name }: Scorer, weight: number): void {
  // Mixed, a score is scaled first; alone it is the score, which other stages take for a probability.
  const [low, high] = weight < 1 ? [-Number.MAX_VALUE, Number.MAX_VALUE] : [0, 1];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score >= low && score <= high) continue;
    const expected = weight < 1 ? 'a finite number' : 'a probability in [0, 1]';
    throw new Error(`model ${name} gave ${score} for a candidate; ${expected} is expected`);
  }
}

/** A click model says what is watched once it is seen, the order so far what is sought: either alone is worse at the other. */
function combine(
  { score, count }: Candidates,
  probabilities: Float32Array,
  weight: number,
  before: Float32Array,
): void {
  if (weight === 1) {
    score.set(probabilities);
    return;
  }
  before.set(score.subarray(0, count));
  score.fill(0, 0, count);
  addNormalised(score, before, count, 1 - weight);
  addNormalised(score, probabilities, count, weight);
}

interface Buffers {
  readonly users: Float32Array;
  readonly candidates: Int32Array;
  readonly pairs: Float32Array;
}

function enough(buffers: Buffers | undefined, batch: number, slots: number): Buffers {
  if (buffers && buffers.users.length >= batch * USER_WIDTH && buffers.candidates.length >= batch * slots) {
    return buffers;
  }
  return {
    users: new Float32Array(batch * USER_WIDTH),
    candidates: new Int32Array(batch * slots),
    pairs: new Float32Array(batch * slots * PAIR_WIDTH),
  };
}

function writeFeatures(buffers: Buffers, batch: readonly Work[], models: Models, slots: number): void {
  for (let row = 0; row < batch.length; row++) {
    const { request, candidates } = batch[row]!;
    const taste = pairScores(batch[row]!, models);
    const { count, titles } = candidates;
    writeUserFeatures(buffers.users, row * USER_WIDTH, request.viewer, request, taste);
    const first = row * slots;
    buffers.candidates.set(titles.subarray(0, count), first);
    writePairFeatures(
      buffers.pairs,
      first * PAIR_WIDTH,
      slots,
      models,
      request.viewer,
      taste,
      titles,
      count,
      candidates,
    );
    buffers.candidates.fill(0, first + count, first + slots);
  }
}

/** `two-tower` takes whatever version is loaded under that name; `two-tower@3` only version 3. */
function scorerOf(models: Models, wanted: string): Scorer {
  const [name] = wanted.split('@');
  const scorer = models.scorers.get(wanted) ?? models.scorers.get(name!);
  if (scorer && (name === wanted || models.scorers.has(wanted) || scorer.name === wanted)) return scorer;
  const loaded = [...models.scorers.values()].map((one) => one.name).join(', ') || 'none';
  throw new Error(`model ${wanted} is not loaded (loaded: ${loaded}); train it or name a loaded one`);
}
