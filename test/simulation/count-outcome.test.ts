import { expect, test } from 'vitest';
import { countOutcome } from '../../src/simulation/count-outcome.ts';
import { createUnitDays } from '../../src/simulation/unit-days.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);

test('counts what outcomes say, by days since the first session and up to the cut-off', () => {
  const table = createUnitDays(2, 3);
  const primaryGenre = Uint8Array.of(0, 4, 255);
  const tell = (
    at: number,
    items: [name: string, value: number, title: number, afterMs: number][],
    surface = 'homepage',
  ) =>
    countOutcome(
      table,
      1,
      { primaryGenre },
      {
        environment: 'e',
        id: 'i',
        unit: 'u',
        at,
        surface,
        items: items.map(([name, value, title, afterMs]) => ({ name, value, title, afterMs })),
      },
      START + 2 * DAY,
    );
  tell(START, [
    ['session_start', 1, -1, 0],
    ['impressions', 7, -1, 0],
    ['click', 1, 0, 5],
    ['watch', 100, 0, 10],
    ['watch', 50, 1, 20],
    // After midnight of the unit's own day.
    ['watch', 30, 2, DAY],
  ]);
  tell(START + DAY + 1, [
    ['session_start', 1, -1, 0],
    ['impressions', 3, -1, 0],
  ]);
  // Another page is no part of the homepage's clicks; what comes after the cut-off is not counted, a return is.
  tell(START + DAY + 2, [['click', 1, 0, 0]], 'browse');
  tell(START + 2 * DAY, [
    ['session_start', 1, -1, 0],
    ['watch', 900, 0, 0],
  ]);
  expect([...table.watch]).toEqual([0, 0, 0, 150, 30, 0]);
  expect([...table.sessions]).toEqual([0, 0, 0, 1, 1, 0]);
  expect([...table.clicks]).toEqual([0, 0, 0, 1, 0, 0]);
  expect([...table.viewed]).toEqual([0, 0, 0, 7, 3, 0]);
  expect([...table.genres]).toEqual([0, 0, 0, 0b10001, 0, 0]);
  expect(table.returned[1]).toBe(3);
});
