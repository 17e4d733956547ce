import { pathToFileURL } from 'node:url';

/**
 * The product's own functions, the only ones whose error rates are measured here: from `dist`, or from the folder that
 * SCREENTEST_CODE names (`src` in the tests, which read TypeScript).
 */
const named = process.env.SCREENTEST_CODE;
const code = named ? pathToFileURL(named).href : new URL('../dist', import.meta.url).href;
const extension = /\/src\/?$/.test(code) ? 'ts' : 'js';
const load = (name) => import(/* @vite-ignore */ `${code}/${name}.${extension}`);

export const { adjustedPairs } = await load('analysis/adjusted');
export const { analyze } = await load('analyze');
export const { alwaysValid, alwaysValidT } = await load('analysis/always-valid');
export const { normalPosterior, posteriorOf } = await load('analysis/bayesian');
export const { betaBinomial } = await load('analysis/beta-binomial');
export const { bcaInterval, bootstrap, percentileInterval } = await load('analysis/bootstrap');
export const { centre } = await load('analysis/centred');
export const { classicalBoundaries } = await load('analysis/classical-boundaries');
export const { binomialTail, normalQuantile, normalTail, studentTail } = await load('analysis/distributions');
export const { fixedHorizon } = await load('analysis/effect');
export const { groupSequential } = await load('analysis/group-sequential');
export const { interaction, omnibus, shrink } = await load('analysis/heterogeneity');
export const { compareMeans, mean } = await load('analysis/mean');
export const { msprt } = await load('analysis/msprt');
export const { correct } = await load('analysis/multiplicity');
export const { noveltyChange } = await load('analysis/novelty');
export const { powerOf } = await load('analysis/power');
export const { creditDifference, preference, preferenceBootstrap } = await load('analysis/preference');
export const { compareProportions, pooledProportions, proportion } = await load('analysis/proportion');
export const { compareQuantiles, quantile, quantileFrom } = await load('analysis/quantile');
export const { compareRatios, ratio } = await load('analysis/ratio');
export const { estimateOf, ONCE } = await load('analysis/reading');
export const { relativeEffect } = await load('analysis/relative');
export const { sampleRatio, sequentialSampleRatio } = await load('analysis/sample-ratio');
export const { pooledCap, winsorise } = await load('analysis/winsorise');
export const { nonInferiority } = await load('guardrails/non-inferiority');
export const { createProgressReporter } = await load('cli/progress');
