import { expect, test } from 'vitest';
import { CALIBRATED, CALIBRATION } from '../../src/simulation/calibrated.ts';
import { calibrationCard, calibrationMarkdown, cardPaths } from '../../src/simulation/calibration-card.ts';
import { TARGETS } from '../../src/simulation/calibration-plan.ts';

/** Paths of all numbers in an object. */
const leaves = (part: object): string[] =>
  Object.entries(part).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? leaves(value).map((path) => `${key}.${path}`) : [key],
  );

test('the card has every parameter once, and only those', () => {
  expect([...cardPaths()].sort()).toEqual(leaves(CALIBRATED).sort());
  for (const { origin, from, meaning } of calibrationCard()) {
    expect(['fitted', 'borrowed', 'invented']).toContain(origin);
    expect(from).not.toBe('');
    expect(meaning).not.toBe('');
  }
});

test('the document sets the world beside every published figure', () => {
  expect(CALIBRATION.moments).toHaveLength(TARGETS.length);
  const lines = calibrationMarkdown().split('\n');
  for (const { metric } of TARGETS)
    expect(lines.filter((line) => line.startsWith('|') && line.includes(`| ${metric} |`)).length).toBe(2);
});
