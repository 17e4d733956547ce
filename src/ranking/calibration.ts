import { trainLogistic } from './logistic.ts';

/** Examples of like predictions, and what came of them. */
export interface ReliabilityBin {
  readonly count: number;
  /** Mean of the predicted probabilities. */
  readonly predicted: number;
  /** Share of positives. */
  readonly observed: number;
  /** Wilson's 95 % interval of the share, as if examples were independent. */
  readonly interval: readonly [number, number];
}

/** Whether probabilities are what they say. */
export interface Calibration {
  /** By ascending prediction, each of about as many examples; none is empty. */
  readonly bins: readonly ReliabilityBin[];
  /** Mean over examples of |predicted - observed| of their bin (Naeini, Cooper, Hauskrecht 2015). */
  readonly expectedError: number;
  /** logit P(positive) = intercept + slope x logit(predicted), by maximum likelihood (Cox 1958): 1 and 0 where calibrated. */
  readonly slope: number;
  readonly intercept: number;
}

/** logit P = intercept + slope x logit. */
export type CalibrationLine = Pick<Calibration, 'slope' | 'intercept'>;

const BINS = 10;
/** 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;
/** Keeps the line finite where the classes are told apart perfectly. */
const PENALTY = 1e-6;

/**
 * @param probabilities predicted, in [0, 1]
 * @param labels 0 or 1, parallel to them, of both kinds
 */
export function calibrationOf(probabilities: ArrayLike<number>, labels: Uint8Array): Calibration {
  const bins = reliabilityBins(probabilities, labels);
  const errors = bins.reduce(
    (sum, { count, predicted, observed }) => sum + count * Math.abs(predicted - observed),
    0,
  );
  const logits = Float32Array.from(probabilities, logitOf);
  return { bins, expectedError: errors / labels.length, ...calibrationLine(logits, labels) };
}

/** The line that best turns logits into those of the labels' probability. */
export function calibrationLine(logits: Float32Array, labels: Uint8Array): CalibrationLine {
  const { weights, intercept } = trainLogistic(logits, labels, 1, PENALTY);
  return { slope: weights[0]!, intercept };
}

/** Cut at the deciles of the predictions (linear interpolation); one on a cut belongs to the lower bin. */
function reliabilityBins(probabilities: ArrayLike<number>, labels: Uint8Array): ReliabilityBin[] {
  const sorted = Float64Array.from(probabilities).sort();
  const cuts = Array.from({ length: BINS - 1 }, (_, bin) => quantile(sorted, (bin + 1) / BINS));
  const counts = new Int32Array(BINS);
  const predicted = new Float64Array(BINS);
  const positives = new Int32Array(BINS);
  for (let example = 0; example < labels.length; example++) {
    let bin = 0;
    while (bin < cuts.length && probabilities[example]! > cuts[bin]!) bin++;
    counts[bin]!++;
    predicted[bin]! += probabilities[example]!;
    positives[bin]! += labels[example]!;
  }
  return Array.from(counts, (count, bin) => ({
    count,
    predicted: predicted[bin]! / count,
    observed: positives[bin]! / count,
    interval: wilson(positives[bin]!, count),
  })).filter(({ count }) => count > 0);
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

function wilson(positives: number, count: number): [number, number] {
  const share = positives / count;
  const middle = share + (Z * Z) / (2 * count);
  const reach = Z * Math.sqrt((share * (1 - share)) / count + ((Z / count) * Z) / (4 * count));
  const scale = 1 + (Z * Z) / count;
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}

/** log(p / (1 - p)), of a probability of 0 or 1 as of one 1e-7 off it. */
export function logitOf(probability: number): number {
  const p = Math.min(Math.max(probability, 1e-7), 1 - 1e-7);
  return Math.log(p / (1 - p));
}
