import { expect, test } from 'vitest';
import { formatTraining } from '../../src/cli/training-figures.ts';
import type { TrainingReport } from '../../src/ranking/train.ts';

const difference = { value: -0.01234, interval: [-0.02, 0.00001] as const };
const report: TrainingReport = {
  trained: 8000,
  judged: 2000,
  positiveShare: 0.125,
  twoTower: { auc: 0.75, logLoss: 0.25 },
  logistic: { auc: 0.76234, logLoss: 0.26 },
  difference: { auc: difference, logLoss: difference },
  calibration: {
    bins: [{ count: 2000, predicted: 0.12, observed: 0.13, interval: [0.1, 0.2] }],
    expectedError: 0.01,
    slope: 0.9,
    intercept: -0.1,
  },
  recalibration: { slope: 1, intercept: 0 },
  aucWithoutUserTower: 0.6,
  aucWithoutItemTower: 0.5,
};

test('figures of the re-ranker', () => {
  const text = formatTraining(report);
  expect(text).toContain('trained on 8,000 impressions and judged on 2,000 later ones (12.5 % watched)');
  expect(text).toContain('two-tower network                  AUC 0.7500  log loss 0.2500');
  expect(text).toContain('AUC -0.0123 [-0.0200, +0.0000]');
});

test('what later impressions of one kind cannot tell is left open, also as a file keeps it', () => {
  const unknown = { value: Number.NaN, interval: [Number.NaN, Number.NaN] as const };
  const open = {
    ...report,
    twoTower: { ...report.twoTower, auc: Number.NaN },
    difference: { ...report.difference, auc: unknown },
    calibration: { ...report.calibration, slope: Number.NaN },
  };
  for (const one of [open, JSON.parse(JSON.stringify(open)) as TrainingReport]) {
    const text = formatTraining(one);
    expect(text).toContain('two-tower network                  AUC -  log loss 0.2500');
    expect(text).toContain('AUC - [-, -]');
    expect(text).not.toMatch(/NaN|null/);
  }
});
