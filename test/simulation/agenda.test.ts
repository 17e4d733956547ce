import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Agenda } from '../../src/simulation/agenda.ts';

test('appointments come by time, then by viewer', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), (times) => {
      const agenda = new Agenda(Math.max(1, times.length));
      times.forEach((at, viewer) => {
        agenda.add(viewer, at);
      });
      const expected = times.map((_, viewer) => viewer).sort((a, b) => times[a]! - times[b]! || a - b);
      const taken = expected.map(() => {
        const at = agenda.nextAt;
        const viewer = agenda.take();
        expect(times[viewer]).toBe(at);
        return viewer;
      });
      expect(taken).toEqual(expected);
      expect(agenda.nextAt).toBe(Infinity);
    }),
  );
});

test('an empty agenda says so', () => {
  expect(() => new Agenda(3).take()).toThrow('the agenda is empty');
});
