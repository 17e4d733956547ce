import { expect, test } from 'vitest';
import { inForce, statesOf } from '../../src/assignment/states.ts';

const e = { experiment: 'e', iteration: 1 };

test('the newest value given of each column is in force, per iteration', () => {
  const first = [
    { ...e, phase: 1 },
    { ...e, stopped: true },
  ];
  expect(statesOf(inForce(first))).toEqual(new Map([['e', { phase: 1, stopped: true }]]));
  const second = [...first, { ...e, iteration: 2, phase: 0 }];
  expect(statesOf(inForce(second))).toEqual(new Map([['e', { phase: 0 }]]));
  expect(statesOf(inForce(second), new Map([['e', 1]]))).toEqual(
    new Map([['e', { phase: 1, stopped: true }]]),
  );
  expect(statesOf(inForce(second), new Map([['e', 3]]))).toEqual(new Map());
});

test('a kill stops, and only a later resume lets it go on', () => {
  const killed = [
    { ...e, stopped: false },
    { ...e, killed: true },
  ];
  expect(statesOf(inForce(killed)).get('e')).toEqual({ stopped: true });
  expect(statesOf(inForce([...killed, { ...e, phase: 2 }])).get('e')).toEqual({ stopped: true, phase: 2 });
  expect(statesOf(inForce([...killed, { ...e, stopped: false }])).get('e')).toEqual({ stopped: false });
});
