import type { TrainingReport } from '../ranking/train.ts';

/** The re-ranker's figures as lines of text. */
export function formatTraining(report: TrainingReport): string {
  const { twoTower, logistic } = report;
  const line = (name: string, auc: number, loss?: number): string =>
    `  ${name.padEnd(34)} AUC ${auc.toFixed(4)}${loss === undefined ? '' : `  log loss ${loss.toFixed(4)}`}`;
  return [
    `Re-ranker, trained on ${report.trained.toLocaleString('en')} impressions and judged on ` +
      `${report.judged.toLocaleString('en')} later ones (${(100 * report.positiveShare).toFixed(1)} % watched):`,
    line('two-tower network', twoTower.auc, twoTower.logLoss),
    line('logistic regression, same features', logistic.auc, logistic.logLoss),
    line('two-tower, user tower zeroed', report.aucWithoutUserTower),
    line('two-tower, item tower zeroed', report.aucWithoutItemTower),
  ].join('\n');
}
