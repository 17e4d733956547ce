import { generator } from './generator.ts';

/** A figure of one scorer less that of another, with its 95 % interval. */
export interface Difference {
  readonly value: number;
  readonly interval: readonly [number, number];
}

const RESAMPLES = 400;

/**
 * How much better one scorer is than another on the same examples. Intervals are percentiles over resampled groups (such as
 * the viewers whom titles were shown to), because examples of one group are alike; both scorers are resampled together.
 *
 * @param first  probabilities of the one
 * @param second those of the other
 * @param labels 0 or 1
 * @param groups group of each example, from 0
 * @returns NaN where a probability is
 */
export function discriminationDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: Uint8Array,
  groups: Int32Array,
  seed: number,
): { readonly auc: Difference; readonly logLoss: Difference } {
  const random = generator(seed);
  const count = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const measures = [measured(first, labels, groups), measured(second, labels, groups)] as const;
  const drawn = new Int32Array(count);
  const differences = (): [auc: number, logLoss: number] => {
    const [one, other] = measures.map((measure) => measure(drawn));
    return [one![0] - other![0], one![1] - other![1]];
  };
  drawn.fill(1);
  const [auc, logLoss] = differences();
  const replicates: [number, number][] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    drawn.fill(0);
    for (let draw = 0; draw < count; draw++) drawn[Math.floor(random() * count)]!++;
    replicates.push(differences());
  }
  const interval = (which: 0 | 1): [number, number] => {
    const sorted = Float64Array.from(replicates, (replicate) => replicate[which]).sort();
    return [sorted[Math.floor(0.025 * RESAMPLES)]!, sorted[Math.ceil(0.975 * RESAMPLES) - 1]!];
  };
  return { auc: { value: auc, interval: interval(0) }, logLoss: { value: logLoss, interval: interval(1) } };
}

/** AUC and log loss with each group counted as often as it is drawn. Sorts once. */
function measured(
  probabilities: ArrayLike<number>,
  labels: Uint8Array,
  groups: Int32Array,
): (drawn: Int32Array) => readonly [auc: number, logLoss: number] {
  const order = Uint32Array.from(labels, (_, example) => example).sort(
    (a, b) => probabilities[a]! - probabilities[b]!,
  );
  const losses = Float64Array.from(labels, (label, example) => {
    const p = Math.min(Math.max(probabilities[example]!, 1e-7), 1 - 1e-7);
    return -Math.log(label === 1 ? p : 1 - p);
  });
  if (losses.some(Number.isNaN)) return () => [Number.NaN, Number.NaN];
  return (drawn) => {
    let [negatives, positives, ordered, loss] = [0, 0, 0, 0];
    for (let from = 0; from < order.length; ) {
      const score = probabilities[order[from]!]!;
      let [tiedNegatives, tiedPositives] = [0, 0];
      for (; from < order.length && probabilities[order[from]!] === score; from++) {
        const example = order[from]!;
        const times = drawn[groups[example]!]!;
        if (labels[example] === 1) tiedPositives += times;
        else tiedNegatives += times;
        loss += times * losses[example]!;
      }
      ordered += tiedPositives * (negatives + tiedNegatives / 2);
      negatives += tiedNegatives;
      positives += tiedPositives;
    }
    return [ordered / (positives * negatives), loss / (positives + negatives)];
  };
}
