import { describe, expect, test } from 'vitest';
import { trainEase } from '../../src/ranking/ease.ts';
import { generator } from '../../src/ranking/generator.ts';
import { trainIals } from '../../src/ranking/ials.ts';
import { openWorkspace } from '../../src/ranking/kernels/workspace.ts';
import { openThreads } from '../../src/workers/kernel-threads.ts';
import { interactionsOf } from '../ranking/fixtures.ts';

/** Enough rows that threads are worth their start. */
function events(count: number, users: number, titles: number) {
  const random = generator(9);
  const rows = Array.from(
    { length: count },
    () => [Math.floor(random() ** 2 * users), Math.floor(random() ** 2 * titles), 0.1 + random()] as const,
  );
  return interactionsOf(rows, users);
}

describe.each([2, 3])('%i threads', (threads) => {
  const used: number[] = [];
  const open = (bytes: number) => {
    const workspace = openThreads(bytes, threads);
    used.push(workspace.threads);
    return workspace;
  };

  test('leave every bit of an iALS model as one thread makes it', () => {
    const data = events(200_000, 60_000, 3000);
    const parameters = { factors: 20, iterations: 2 };
    const alone = trainIals(data, 3000, parameters, undefined, undefined, openWorkspace);
    const together = trainIals(data, 3000, parameters, undefined, undefined, open);
    expect(used.pop()).toBe(threads);
    expect(Buffer.from(together.items.buffer).equals(Buffer.from(alone.items.buffer))).toBe(true);
    expect(together.gram).toEqual(alone.gram);
  });

  test('and of EASE', () => {
    const data = events(60_000, 5000, 1100);
    const alone = trainEase(data, 1100, {}, undefined, openWorkspace);
    const together = trainEase(data, 1100, {}, undefined, open);
    expect(used.pop()).toBe(threads);
    expect(Buffer.from(together.weights.buffer).equals(Buffer.from(alone.weights.buffer))).toBe(true);
  });
});

test('small work has no threads of its own', () => {
  const workspace = openThreads(1000, 4);
  expect(workspace.threads).toBe(1);
  workspace.close();
});

test('more memory than can be addressed is refused with what to do', () => {
  expect(() => openThreads(5 * 2 ** 30, 2)).toThrow(
    'training needs 5.0 GiB in one piece, which cannot be had',
  );
});

test('a kernel that fails says so', () => {
  const workspace = openThreads(16 * 2 ** 20, 2);
  const outside = 2 ** 31;
  expect(() => workspace.run('gram', [[outside, 8, 8, 0, 8, outside]])).toThrow('the kernel gram failed');
  workspace.close();
});
