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

  it('lets in what is done in a tenth of a second, as it went at best in the last ten', () => {
    const admission = createAdmission({
      places: { least: 5, most: 100 },
      waitMs: 400,
      queue: 100,
      now: () => Date.now(),
    });
    const second = (visitors: number) => {
      for (let n = 0; n < visitors; n++) {
        admission.enter({ go() {}, refuse() {}, gone: () => false });
        admission.leave();
      }
      vi.advanceTimersByTime(1_000);
    };
    const places = (visitors: number) => {
      second(visitors);
      second(1);
      return admission.stats().places;
    };
    expect(admission.stats().places).toBe(100);
    expect(places(200)).toBe(21);
    expect(places(400)).toBe(40);
    expect(places(10)).toBe(40);
    for (let seconds = 0; seconds < 10; seconds++) second(10);
    expect(places(10)).toBe(5);
    expect(places(5_000)).toBe(100);
  });
});
