import { mkdirSync } from 'node:fs';
import * as Plot from '@observablehq/plot';
import { cell, grid, render } from './figure.js';
import { planned } from './studies/power.js';
import { CELLS } from './tally.js';

/** Colours that stay apart for colour-blind readers (Okabe and Ito). */
const BLUE = '#0072B2';
const VERMILION = '#D55E00';
const GREEN = '#009E73';
const PURPLE = '#CC79A7';
const GREY = '#555555';
const BAND = '#D9D9D9';

export const PLOTS = [
  {
    file: 'false-positives',
    title: 'False positive rates by method, with their bands',
    says: 'Each dot is the rate of one A/A scenario, its bar the band of the nominal rate; vermilion lies outside, hollow dots are cases of which nothing was claimed.',
  },
  {
    file: 'coverage',
    title: 'Coverage of 95 % intervals at a true +10 %, with their bands',
    says: 'Each dot is the share of intervals that hold the truth, its bar the band around 95 %.',
  },
  {
    file: 'peeking',
    title: 'A/A tests ever called significant, by look',
    says: 'Forty looks at growing samples without an effect: the fixed test errs more with each, the methods made for looking stay at 5 %.',
  },
  {
    file: 'power',
    title: 'Power: planner against simulation',
    says: "Lines are what the planner computes, dots with three Monte Carlo errors what the product's tests found.",
  },
  {
    file: 'p-values',
    title: 'Uniformity of p-values in A/A tests',
    says: 'Share of p-values at or under p less p, in percentage points: a line within the grey band is uniform (Dvoretzky, Kiefer and Wolfowitz 1956, at 1 %). Tests of counts have p-values in steps, which are widest near 1.',
  },
];

const titleOf = (file) => PLOTS.find((plot) => plot.file === file).title;

/** Rows of dots with bands: rates of one section, in the order of the plan. */
function dots(file, results, section, expected, label) {
  const claims = results.flatMap(({ data, judged }) =>
    judged
      .filter(
        (claim) =>
          claim.section === section && claim.expected === expected && claim.kind !== 'above' && claim.n > 0,
      )
      .map((claim) => ({
        name: `${claim.method} | ${data.replace('; +10 %', '')}`,
        rate: 100 * claim.rate,
        low: 100 * claim.band[0],
        high: 100 * claim.band[1],
        claimed: claim.kind !== 'measured',
        colour: claim.verdict === 'fails' || claim.verdict === 'outside' ? VERMILION : BLUE,
      })),
  );
  const rates = claims.map(({ rate }) => rate);
  const nominal = 100 * expected;
  const limits = [Math.min(...rates, nominal - 2) - 0.3, Math.max(...rates, nominal + 2) + 0.3];
  const [left, right] = limits;
  const inside = claims.map((claim) => ({
    ...claim,
    low: Math.max(left, claim.low),
    high: Math.min(right, claim.high),
  }));
  const left0 = 700;
  render(file, titleOf(file), {
    width: 1180,
    height: 120 + 15 * claims.length,
    marginLeft: left0,
    marginBottom: 45,
    titleLeft: -left0 + 10,
    x: { label, domain: limits, grid: true },
    y: { label: null, domain: inside.map(({ name }) => name), tickSize: 0 },
    marks: [
      Plot.ruleY(inside, { y: 'name', x1: 'low', x2: 'high', stroke: BAND, strokeWidth: 9 }),
      Plot.ruleX([nominal], { stroke: GREY, strokeDasharray: '4 3' }),
      Plot.dot(inside, {
        x: 'rate',
        y: 'name',
        r: 4,
        stroke: 'colour',
        fill: ({ claimed, colour }) => (claimed ? colour : 'white'),
        strokeWidth: 1.5,
      }),
    ],
  });
}

const LINES = [
  ['fixed', 'fixed test', VERMILION, ''],
  ['spending pocock', 'Lan-DeMets, Pocock-like', GREEN, ''],
  ['spending obrien-fleming', "Lan-DeMets, O'Brien-Fleming-like", PURPLE, ''],
  ['t form', 'always-valid, t form', BLUE, ''],
  ['msprt', 'mSPRT', 'black', '5 3'],
];

function peekingPlot(results) {
  const found = results.find(({ id }) => id === 'peek-hours');
  const lines = LINES.map(([key, name, colour, dash]) => {
    const { n, looks } = found.entries.get(key);
    let sum = 0;
    const points = [{ look: 0, rate: 0 }];
    for (const [i, count] of looks.entries()) {
      sum += count;
      points.push({ look: i + 1, rate: (100 * sum) / n });
    }
    return { name, colour, dash, points };
  });
  const looks = lines[0].points.length - 1;
  // Labels of lines that end close to one another are put under one another.
  const ends = lines.map(({ name, colour, points }) => ({ name, colour, rate: points.at(-1).rate }));
  let above = Number.POSITIVE_INFINITY;
  const labels = [...ends]
    .sort((a, b) => b.rate - a.rate)
    .map((end) => {
      above = Math.min(end.rate, above - 1.6);
      return { ...end, at: above, text: `${end.name}: ${end.rate.toFixed(1)} %` };
    });
  render('peeking', titleOf('peeking'), {
    width: 900,
    height: 440,
    marginLeft: 55,
    marginRight: 270,
    marginBottom: 45,
    titleLeft: -45,
    vertical: '% of tests significant at some look so far',
    x: { label: 'look (50 + 50 more units each)', domain: [0, looks] },
    y: {
      label: null,
      grid: true,
      domain: [0, Math.max(...ends.map(({ rate }) => rate)) * 1.08],
    },
    marks: [
      Plot.ruleY([5], { stroke: GREY, strokeDasharray: '4 3' }),
      Plot.ruleY([0]),
      ...lines.map(({ colour, dash, points }) =>
        Plot.line(points, {
          x: 'look',
          y: 'rate',
          stroke: colour,
          strokeWidth: 2,
          curve: 'step-after',
          strokeDasharray: dash,
        }),
      ),
      Plot.text(labels, {
        x: looks,
        y: 'at',
        text: 'text',
        dx: 8,
        textAnchor: 'start',
        fill: 'colour',
        fontWeight: 'bold',
      }),
    ],
  });
}

function powerPlot(results) {
  const designs = groups(
    results.filter(({ id }) => id.startsWith('power-')),
    ({ judged }) => judged[0].method,
  );
  const names = [...designs.keys()].map((name) => name.replace('group-sequential, ', ''));
  const curves = [];
  const found = [];
  for (const [i, points] of [...designs.values()].entries()) {
    const lifts = points.map(({ settings }) => settings.lift);
    const [low, high] = [Math.min(...lifts), Math.max(...lifts)];
    for (let step = 0; step <= 30; step++) {
      const lift = low + ((high - low) * step) / 30;
      curves.push({
        ...cell(i),
        design: i,
        lift: 100 * lift,
        power: 100 * planned({ ...points[0].settings, lift }),
      });
    }
    for (const { settings, judged } of points) {
      const [{ rate, monteCarlo }] = judged;
      const reach = 300 * monteCarlo;
      found.push({
        ...cell(i),
        lift: 100 * settings.lift,
        power: 100 * rate,
        low: Math.max(0, 100 * rate - reach),
        high: Math.min(100, 100 * rate + reach),
      });
    }
  }
  grid(
    'power',
    titleOf('power'),
    names,
    {
      vertical: 'power, %',
      x: { label: 'true change, %' },
      y: { label: null, domain: [0, 100], grid: true },
    },
    [
      Plot.line(curves, {
        fx: 'fx',
        fy: 'fy',
        x: 'lift',
        y: 'power',
        z: 'design',
        stroke: BLUE,
        strokeWidth: 2,
      }),
      Plot.ruleX(found, { fx: 'fx', fy: 'fy', x: 'lift', y1: 'low', y2: 'high', stroke: VERMILION }),
      Plot.dot(found, { fx: 'fx', fy: 'fy', x: 'lift', y: 'power', r: 3.5, fill: VERMILION }),
    ],
  );
}

function groups(items, keyOf) {
  const found = new Map();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return found;
}

const UNIFORM = [
  ['welch-hours-1000', 'p', 'Welch t, skewed hours'],
  ['ratio-clicks', 'p', 'delta method, clicks / views'],
  ['share-5', 'p', 'unpooled z, share of 5 %'],
  ['cuped-70-aa', 'p', 'CUPED'],
  ['quantile-users-aa', 'p95 p', 'p95, clustered by user'],
  ['segments', 'omnibus p', "Cochran's Q over segments"],
  ['split-three', 'p', 'sample ratio, chi-square'],
  ['prefer-500', 't p', 't of the credit difference'],
];

function uniformityPlot(results) {
  const points = [];
  const bands = [];
  for (const [i, [id, key]] of UNIFORM.entries()) {
    const { cells } = results.find((result) => result.id === id).entries.get(key);
    const n = cells.reduce((sum, count) => sum + count, 0);
    const reach = 100 * Math.sqrt(Math.log(2 / 0.01) / (2 * n));
    bands.push({ ...cell(i), low: -reach, high: reach, from: 0, to: 1 });
    let below = 0;
    points.push({ ...cell(i), id, p: 0, off: 0 });
    for (const [k, count] of cells.entries()) {
      below += count;
      const p = (k + 1) / CELLS;
      points.push({ ...cell(i), id, p, off: 100 * (below / n - p) });
    }
  }
  grid(
    'p-values',
    titleOf('p-values'),
    UNIFORM.map(([, , name]) => name),
    {
      x: { label: 'p', domain: [0, 1], ticks: 4 },
      vertical: 'share of tests with p at or under p, less p, in percentage points',
      y: { label: null, grid: true },
    },
    [
      Plot.rect(bands, {
        fx: 'fx',
        fy: 'fy',
        x1: 'from',
        x2: 'to',
        y1: 'low',
        y2: 'high',
        fill: BAND,
        fillOpacity: 0.7,
      }),
      Plot.ruleY([0], { stroke: GREY }),
      Plot.line(points, { fx: 'fx', fy: 'fy', x: 'p', y: 'off', z: 'id', stroke: BLUE, strokeWidth: 1.5 }),
    ],
  );
}

/** docs/validity/*.svg. */
export function writePlots(results) {
  mkdirSync(new URL('../docs/validity', import.meta.url), { recursive: true });
  dots('false-positives', results, 'false-positives', 0.05, 'tests that reject, %');
  dots('coverage', results, 'coverage', 0.95, 'intervals that hold the truth, %');
  peekingPlot(results);
  powerPlot(results);
  uniformityPlot(results);
}
