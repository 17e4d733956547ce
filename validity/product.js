import { pathToFileURL } from 'node:url';

/**
 * The product's own functions, the only ones whose error rates are measured here: from `dist`, or from the folder that
 * SCREENTEST_CODE names (`src` in the tests, which read TypeScript).
 */
const named = process.env.SCREENTEST_CODE;
const code = named ? pathToFileURL(named).href : new URL('../dist', import.meta.url).href;
const extension = /\/src\/?$/.test(code) ? 'ts' : 'js';
const load = (name) => import(/* @vite-ignore */ `${code}/${name}.${extension}`);

export const { adjustedPairs } = await load('analysis/adjust/adjusted');
export const { analyze } = await load('analyze');
export const { alwaysValid, alwaysValidT } = await load('analysis/sequential/always-valid');
export const { normalPosterior, posteriorOf } = await load('analysis/bayes/bayesian');
export const { betaBinomial } = await load('analysis/bayes/beta-binomial');
export const { bcaInterval, bootstrap, percentileInterval } = await load('analysis/numbers/bootstrap');
export const { centre } = await load('analysis/centred');
export const { classicalBoundaries } = await load('analysis/sequential/classical-boundaries');
export const { binomialTail, normalQuantile, normalTail, studentTail } = await load(
  'analysis/numbers/distributions',
);
export const { fixedHorizon } = await load('analysis/estimate/effect');
export const { groupSequential } = await load('analysis/sequential/group-sequential');
export const { interaction, omnibus, shrink } = await load('analysis/heterogeneity');
export const { compareMeans, mean } = await load('analysis/estimate/mean');
export const { msprt } = await load('analysis/sequential/msprt');
export const { correct } = await load('analysis/multiplicity');
export const { noveltyChange } = await load('analysis/novelty');
export const { powerOf } = await load('analysis/planning/power');
export const { creditDifference, preference, preferenceBootstrap } = await load(
  'analysis/interleaving/preference',
);
export const { compareProportions, pooledProportions, proportion } = await load(
  'analysis/estimate/proportion',
);
export const { compareQuantiles, quantile, quantileFrom } = await load('analysis/estimate/quantile');
export const { compareRatios, ratio } = await load('analysis/estimate/ratio');
export const { estimateOf, ONCE } = await load('analysis/study/reading');
export const { relativeEffect } = await load('analysis/estimate/relative');
export const { sampleRatio, sequentialSampleRatio } = await load('analysis/sample-ratio');
export const { pooledCap, winsorise } = await load('analysis/estimate/winsorise');
export const { nonInferiority } = await load('guardrails/non-inferiority');
export const { createProgressReporter } = await load('cli/progress');
