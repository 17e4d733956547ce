/**
 * Area under the ROC curve: the chance that a positive example scores above a negative one, ties counting half
 * (Mann-Whitney by mid-ranks). NaN when one class is missing, or a score is NaN.
 *
 * @param scores any monotone score; higher means more likely positive
 * @param labels 0 or 1, parallel to `scores`
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const n = labels.length;
  for (let example = 0; example < n; example++) if (Number.isNaN(scores[example])) return Number.NaN;
  const order = Uint32Array.from({ length: n }, (_, example) => example).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && scores[order[to]!] === scores[order[from]!]) to++;
    const midRank = (from + 1 + to) / 2;
    for (let place = from; place < to; place++) {
      if (labels[order[place]!] !== 1) continue;
      positives++;
      rankSum += midRank;
    }
    from = to;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (n - positives));
}

/** Mean negative log-likelihood in nats of labels 0 or 1 under predicted probabilities, which are kept 1e-7 off 0 and 1. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let example = 0; example < labels.length; example++) {
    const p = Math.min(Math.max(probabilities[example]!, 1e-7), 1 - 1e-7);
    sum -= Math.log(labels[example] === 1 ? p : 1 - p);
  }
  return sum / labels.length;
}
