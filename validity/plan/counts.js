import { interleaving } from '../studies/interleaving.js';
import { once, watched } from '../studies/ratio-of-units.js';
import { claim, collect } from './claims.js';

const { scenarios, scenario } = collect();

const SPLIT = 'sample-ratio';
const alarms = (kind, levels = [0.05, 0.01, 0.001]) =>
  levels.map((level) =>
    claim(SPLIT, `chi-square, alarm at ${100 * level} %`, `alarm ${level}`, kind, level, 'alarms'),
  );
scenario(
  'split-even',
  '10,000 units, 50:50',
  once,
  { units: 10_000, weights: [0.5, 0.5] },
  alarms('nominal'),
  1000,
);
scenario(
  'split-10-90',
  '10,000 units, 10:90',
  once,
  { units: 10_000, weights: [0.1, 0.9] },
  alarms('nominal'),
);
scenario(
  'split-three',
  '5,000 units, 25:25:50',
  once,
  { units: 5_000, weights: [0.25, 0.25, 0.5] },
  alarms('nominal'),
);
scenario(
  'split-few',
  '8 units, 50:50: the exact test',
  once,
  { units: 8, weights: [0.5, 0.5] },
  alarms('at-most'),
);
for (const weights of [
  [0.5, 0.5],
  [0.1, 0.9],
]) {
  const name = weights.map((w) => 100 * w).join(':');
  scenario(
    `split-watched-${name}`,
    `100 batches of 200 units, ${name}, a look after each`,
    watched,
    { batches: 100, batch: 200, weights },
    [
      claim(SPLIT, 'sequential test at 5 %', 'sequential 0.05', 'at-most', 0.05, 'ever alarms'),
      claim(SPLIT, 'sequential test at 0.1 %', 'sequential 0.001', 'at-most', 0.001, 'ever alarms'),
      claim(SPLIT, 'chi-square at 5 %, peeked at', 'chi-square 0.05', 'above', 0.2, 'ever alarms'),
    ],
    weights[0] === 0.5 ? 300 : 0,
  );
}

const PREFER = 'interleaving';
scenario(
  'prefer-500',
  'equal rankers, tastes of their own; 500 units',
  interleaving,
  { users: 500, resamples: 500 },
  [
    claim(PREFER, 'sign test, exact', 'exact', 'at-most', 0.05),
    claim(PREFER, 'sign test, normal', 'normal', 'nominal', 0.05),
    claim(PREFER, 't of the credit difference', 't', 'nominal', 0.05),
    claim(PREFER, 'bootstrap of the credit difference', 'bootstrap credit', 'nominal', 0.95, 'covers'),
    claim(PREFER, 'bootstrap of the preference', 'bootstrap preference', 'nominal', 0.95, 'covers'),
  ],
);
scenario(
  'prefer-30',
  'equal rankers, tastes of their own; 30 units',
  interleaving,
  { users: 30, resamples: 500 },
  [
    claim(PREFER, 'sign test, exact', 'exact', 'at-most', 0.05),
    claim(PREFER, 'sign test, normal', 'normal', 'measured', 0.05),
    claim(PREFER, 't of the credit difference', 't', 'measured', 0.05),
    claim(PREFER, 'bootstrap of the credit difference', 'bootstrap credit', 'measured', 0.95, 'covers'),
    claim(PREFER, 'bootstrap of the preference', 'bootstrap preference', 'measured', 0.95, 'covers'),
  ],
);

export const counts = scenarios;
