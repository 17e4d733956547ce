import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAdmission } from '../../src/http/admission.ts';

describe('admission', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setUp(places = 2, queue = 100) {
    const said: string[] = [];
    const waits: number[] = [];
    const admission = createAdmission({
      places,
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
    expect(admission.stats()).toEqual({ underWay: 2, waiting: 1, refused: 0 });
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
    expect(admission.stats()).toEqual({ underWay: 1, waiting: 0, refused: 2 });
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
});
