import { Random } from './random.js';
import { Tally } from './tally.js';

/** Tests from .. to - 1 of a scenario. Each has a stream of its own, so parts may run anywhere, in any order. */
export function simulate({ id, study, settings }, seed, from, to) {
  const test = study(settings);
  const tally = new Tally();
  for (let number = from; number < to; number++) test(new Random(seed, id, number), tally);
  return tally.entries;
}
