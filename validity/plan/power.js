import { clicks, hours, normal, share } from '../populations.js';
import { planned, power } from '../studies/power.js';
import { about, claim, collect } from './claims.js';

const { scenarios, scenario } = collect();

const normalUnits = { ...normal(10, 4), scales: false };
const evenly = (count) => Array.from({ length: count }, (_, i) => (i + 1) / count);
const HARMLESS = { kind: 'non-inferiority', margin: { relative: 0.1 }, direction: 'higher-is-better' };
const POWERS = [
  [
    'power-normal',
    'mean, normal',
    { population: normalUnits, units: [200, 200] },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-hours',
    'mean, skewed',
    { population: hours(), units: [2000, 2000] },
    [0.08, 0.14, 0.2, 0.26, 0.32],
  ],
  [
    'power-share',
    'proportion',
    { population: share(0.05), units: [4000, 4000] },
    [0.1, 0.17, 0.24, 0.31, 0.38],
  ],
  ['power-ratio', 'ratio', { population: clicks(), units: [1000, 1000] }, [0.02, 0.04, 0.06, 0.08, 0.1]],
  [
    'power-margin',
    'non-inferiority, margin 10 %',
    { population: normalUnits, units: [300, 300], aim: HARMLESS },
    [-0.08, -0.05, -0.02, 0, 0.02],
  ],
  [
    'power-sequential',
    "group-sequential, O'Brien-Fleming-like, 5 looks",
    {
      population: normalUnits,
      units: [200, 200],
      looks: { kind: 'group-sequential', information: evenly(5), spending: 'obrien-fleming' },
    },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-pocock',
    'group-sequential, Pocock-like, 5 looks',
    {
      population: normalUnits,
      units: [200, 200],
      looks: { kind: 'group-sequential', information: evenly(5), spending: 'pocock' },
    },
    [0.04, 0.07, 0.1, 0.13, 0.16],
  ],
  [
    'power-always',
    'always-valid, 20 looks',
    {
      population: normalUnits,
      units: [1000, 1000],
      looks: { kind: 'always-valid', information: evenly(20) },
    },
    [0.03, 0.045, 0.06, 0.075, 0.09],
  ],
];
for (const [id, name, settings, lifts] of POWERS) {
  for (const [i, lift] of lifts.entries()) {
    const whole = { ...settings, lift };
    scenario(
      `${id}-${i + 1}`,
      `${about(settings.population, settings.units)}; ${lift > 0 ? '+' : ''}${Math.round(1000 * lift) / 10} %`,
      power,
      whole,
      [{ ...claim('power', name, 'reject', 'nominal', planned(whole)), effect: lift }],
      i === 2 && ['power-share', 'power-normal'].includes(id) ? 1000 : 0,
    );
  }
}

export const powerCurves = scenarios;
