import type { Difference } from '../ranking/discrimination-difference.ts';
import type { TrainingReport } from '../ranking/train.ts';

/** The re-ranker's figures as lines of text. */
export function formatTraining(report: TrainingReport): string {
  const { twoTower, logistic, difference, calibration, recalibration } = report;
  const line = (name: string, auc: number, loss?: number): string =>
    `  ${name.padEnd(34)} AUC ${auc.toFixed(4)}${loss === undefined ? '' : `  log loss ${loss.toFixed(4)}`}`;
  return [
    `Re-ranker, trained on ${report.trained.toLocaleString('en')} impressions and judged on ` +
      `${report.judged.toLocaleString('en')} later ones (${(100 * report.positiveShare).toFixed(1)} % watched):`,
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
        `  ${count.toLocaleString('en').padStart(11)}  ${predicted.toFixed(4).padStart(9)}  ${observed.toFixed(4).padStart(7)}  ` +
        `[${low.toFixed(4)}, ${high.toFixed(4)}]`,
    ),
    `  expected calibration error ${calibration.expectedError.toFixed(4)}; slope ${calibration.slope.toFixed(3)} (1: neither too ` +
      `sure nor too shy), intercept ${calibration.intercept.toFixed(3)}`,
    `  logits were turned by slope ${recalibration.slope.toFixed(3)} and intercept ${recalibration.intercept.toFixed(3)}, as the last ` +
      'tenth of the training examples wanted it',
  ].join('\n');
}

/** Value with its 95 % interval over slates. */
function signed({ value, interval: [low, high] }: Difference): string {
  const number = (x: number): string => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4)}`;
  return `${number(value)} [${number(low)}, ${number(high)}]`;
}
