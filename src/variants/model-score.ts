import { addNormalised } from '../ranking/blend.ts';
import { PAIR_WIDTH, USER_WIDTH, writeUserFeatures } from '../ranking/features.ts';
import type { Models, Scorer } from '../ranking/models.ts';
import { writePairFeatures } from '../ranking/pair-features.ts';
import { pairScores } from './pair-scores.ts';
import type { Candidates, Stage, Work } from './stage.ts';

/**
 * Scores a whole batch by one call of a model.
 * @param wanted name, or name@version, of a loaded model
 * @param weight share of the model in the new score, in [0, 1]
 */
export function scoreByModel(wanted: string, weight: number): Stage['run'] {
  // Several batches may be under way, so each takes buffers of its own and gives them back.
  const spare: Buffers[] = [];
  let before = new Float32Array(0);
  return async (batch, models) => {
    const scorer = scorerOf(models, wanted);
    const slots = batch.reduce((most, work) => Math.max(most, work.candidates.count), 0);
    if (slots === 0) return;
    const buffers = enough(spare.pop(), batch.length, slots);
    try {
      writeFeatures(buffers, batch, models, slots);
      const scores = await scorer.score(
        batch.length,
        slots,
        buffers.users.subarray(0, batch.length * USER_WIDTH),
        buffers.candidates.subarray(0, batch.length * slots),
        buffers.pairs.subarray(0, batch.length * slots * PAIR_WIDTH),
      );
      const rows = batch.map(({ candidates }, row) => {
        const probabilities = scores.subarray(row * slots, row * slots + candidates.count);
        refuseOthers(probabilities, scorer, weight);
        return probabilities;
      });
      if (before.length < slots) before = new Float32Array(slots);
      batch.forEach(({ candidates }, row) => {
        combine(candidates, rows[row]!, weight, before);
      });
    } finally {
      spare.push(buffers);
    }
  };
}

/** @throws when a score is not what is wanted: before any title of the batch is moved */
function refuseOthers(scores: Float32Array, { name }: Scorer, weight: number): void {
  // Mixed, a score is scaled first; alone it is the score, which other stages take for a probability.
  const wanted =
    weight < 1
      ? { what: 'a finite number', is: Number.isFinite }
      : { what: 'a probability in [0, 1]', is: (value: number) => value >= 0 && value <= 1 };
  const other = scores.findIndex((value) => !wanted.is(value));
  if (other >= 0)
    throw new Error(`model ${name} gave ${scores[other]} for a candidate; ${wanted.what} is expected`);
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
      models,
      request.viewer,
      taste,
      titles,
      count,
      candidates,
    );
    buffers.candidates.fill(0, first + count, first + slots);
    buffers.pairs.fill(0, (first + count) * PAIR_WIDTH, (first + slots) * PAIR_WIDTH);
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
