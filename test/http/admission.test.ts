import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAdmission } from '../../src/http/admission.ts';

describe('admission', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setUp(places = 2, queue = 100) {
    const said: string[] = [];
    const waits: number[] = [];
    const admission = createAdmission({
      places: { least: places, most: places },
      waitMs: 400,
      queue,
      now: () => Date.now(),
      onWait: (ms) => waits.push(ms),
    });
    const left = new Set<string>();
    const enter = (name: string) =>
      admission.enter({
        go: () => said.push(`${name} goes`),
        refuse: () => said.push(`${name} is refused`),
        gone: () => left.has(name),
      });
    return { admission, said, waits, left, enter };
  }

  it('lets in while there are places', () => {
    const { admission, said, waits, enter } = setUp();
    for (const name of ['a', 'b', 'c']) enter(name);
    expect(said).toEqual(['a goes', 'b goes']);
    expect(admission.stats()).toEqual({ places: 2, underWay: 2, waiting: 1, refused: 0 });
    admission.leave();
    expect(said.at(-1)).toBe('c goes');
    expect(waits).toEqual([0]);
  });

  it('gives a free place to the one that came last', () => {
    const { admission, said, enter } = setUp(1);
    for (const name of ['a', 'b', 'c', 'd']) enter(name);
    for (let left = 0; left < 3; left++) admission.leave();
    expect(said).toEqual(['a goes', 'd goes', 'c goes', 'b goes']);
  });

  it('refuses after the longest wait, without anybody leaving', () => {
    const { admission, said, enter } = setUp(1);
    enter('a');
    enter('b');
    vi.advanceTimersByTime(300);
    enter('c');
    vi.advanceTimersByTime(100);
    expect(said).toEqual(['a goes', 'b is refused']);
    vi.advanceTimersByTime(300);
    expect(said.at(-1)).toBe('c is refused');
    expect(admission.stats()).toEqual({ places: 1, underWay: 1, waiting: 0, refused: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses at once when too many wait', () => {
    const { said, enter } = setUp(1, 1);
    for (const name of ['a', 'b', 'c']) enter(name);
    expect(said).toEqual(['a goes', 'c is refused']);
  });

  it('spends no place on one whose client is gone', () => {
    const { admission, said, left, enter } = setUp(1);
    for (const name of ['a', 'b', 'c']) enter(name);
    left.add('c');
    admission.leave();
    expect(said).toEqual(['a goes', 'b goes']);
    expect(admission.stats()).toMatchObject({ underWay: 1, waiting: 0 });
  });

  describe('places', () => {
    function seconds(most = 100) {
      const admission = createAdmission({
        places: { least: 5, most },
        waitMs: 10_000,
        queue: 1_000_000,
        now: () => Date.now(),
      });
      /** A second in which so many are served, each of which leaves more waiting behind it or none. */
      const second = (visitors: number, crowded: boolean) => {
        const enter = () => admission.enter({ go() {}, refuse() {}, gone: () => false });
        while (crowded && admission.stats().waiting === 0) enter();
        for (let n = 0; n < visitors; n++) {
          enter();
          admission.leave();
        }
        vi.advanceTimersByTime(1_000);
      };
      return { admission, second, places: () => admission.stats().places };
    }

    it('are what is done in a tenth of a second, as it went at best in the last ten full ones', () => {
      const { second, places } = seconds();
      expect(places()).toBe(100);
      second(200, true);
      second(400, true);
      expect(places()).toBe(21);
      second(10, true);
      expect(places()).toBe(40);
      for (let n = 0; n < 9; n++) second(10, true);
      expect(places()).toBe(40);
      second(10, true);
      expect(places()).toBe(5);
    });

    it('are not fewer because few came', () => {
      const { second, places } = seconds();
      for (let n = 0; n < 20; n++) second(10, false);
      expect(places()).toBe(100);
    });

    it('are more when it goes faster than they allow, though nobody waits', () => {
      const { admission, second, places } = seconds();
      second(50, true);
      second(50, true);
      expect(places()).toBe(6);
      while (admission.stats().underWay > 0) admission.leave();
      second(300, false);
      second(1, false);
      expect(places()).toBeGreaterThan(25);
    });
  });
});
