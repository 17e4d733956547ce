import type { Difference } from '../ranking/discrimination-difference.ts';
import type { TrainingReport } from '../ranking/train.ts';

/** The re-ranker's figures as lines of text. */
export function formatTraining(report: TrainingReport): string {
  const { twoTower, logistic, difference, calibration, recalibration } = report;
  const line = (name: string, auc: number, loss?: number): string =>
    `  ${name.padEnd(34)} AUC ${fixed(auc, 4)}${loss === undefined ? '' : `  log loss ${fixed(loss, 4)}`}`;
  return [
    `Re-ranker, trained on ${report.trained.toLocaleString('en')} impressions and judged on ` +
      `${report.judged.toLocaleString('en')} later ones (${fixed(100 * report.positiveShare, 1)} % watched):`,
    line('two-tower network', twoTower.auc, twoTower.logLoss),
    line('logistic regression, same features', logistic.auc, logistic.logLoss),
    line('two-tower, user tower zeroed', report.aucWithoutUserTower),
    line('two-tower, item tower zeroed', report.aucWithoutItemTower),
    `  two-tower less logistic            AUC ${signed(difference.auc)}  log loss ${signed(difference.logLoss)}`,
    '',
    'Calibration of the two-tower network on the later impressions:',
    '  impressions  predicted  watched  95 % interval',
    ...calibration.bins.map(
      ({ count, predicted, observed, interval: [low, high] }) =>
        `  ${count.toLocaleString('en').padStart(11)}  ${fixed(predicted, 4).padStart(9)}  ${fixed(observed, 4).padStart(7)}  ` +
        `[${fixed(low, 4)}, ${fixed(high, 4)}]`,
    ),
    `  expected calibration error ${fixed(calibration.expectedError, 4)}; slope ${fixed(calibration.slope, 3)} (1: neither too ` +
      `sure nor too shy), intercept ${fixed(calibration.intercept, 3)}`,
    `  logits were turned by slope ${fixed(recalibration.slope, 3)} and intercept ${fixed(recalibration.intercept, 3)}, as the last ` +
      'tenth of the training examples wanted it',
  ].join('\n');
}

/** A figure that is unknown, as impressions of one kind have no AUC, is NaN, or null where a file kept it. */
function fixed(value: number | null, digits: number): string {
  return value !== null && Number.isFinite(value) ? value.toFixed(digits) : '-';
}

/** Value with its 95 % interval over viewers. */
function signed({ value, interval }: Difference): string {
  const number = (x: number | null): string => {
    const size = fixed(x === null ? null : Math.abs(x), 4);
    return size === '-' ? size : `${x! < 0 ? '-' : '+'}${size}`;
  };
  return `${number(value)} [${interval.map(number).join(', ')}]`;
}
