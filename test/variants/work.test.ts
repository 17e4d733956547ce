import { describe, expect, it } from 'vitest';
import { createTaste } from '../../src/ranking/taste.ts';
import type { Candidates } from '../../src/variants/stage.ts';
import { createCandidates, createWork, handOver } from '../../src/variants/work.ts';
import { requestOf, smallModels } from './fixtures.ts';

type Column = Extract<Candidates[keyof Candidates], ArrayLike<number>>;
const columnsOf = (candidates: Candidates) =>
  Object.entries(candidates).filter((entry): entry is [string, Column] => ArrayBuffer.isView(entry[1]));

describe('handOver', () => {
  const full = (): Candidates => {
    const candidates = createCandidates(3);
    candidates.count = 2;
    for (const [at, [, column]] of columnsOf(candidates).entries()) column.fill(at + 1);
    return candidates;
  };

  it('copies every column, into a copy that shares none of them', () => {
    const [from, to] = [full(), createCandidates(0)];
    handOver(from, to);
    expect(to.count).toBe(2);
    for (const [name, column] of columnsOf(to)) {
      expect([name, ...column.subarray(0, 2)]).toEqual([name, ...from[name as 'score'].subarray(0, 2)]);
      expect(column.buffer).not.toBe(from[name as 'score'].buffer);
    }
  });

  it('leaves what was read of the viewer with one of the two only', () => {
    const models = smallModels();
    const [from, to] = [{ ...full(), scored: true, taste: createTaste(models) }, createCandidates(0)];
    const { taste } = from;
    handOver(from, to);
    expect([to.scored, to.taste === taste]).toEqual([true, true]);
    expect([from.scored, from.taste]).toEqual([false, undefined]);
    handOver(to, from);
    expect([from.scored, from.taste === taste, to.scored]).toEqual([true, true, false]);
  });
});

it('works begin apart', () => {
  const [first, second] = [createWork(requestOf()), createWork(requestOf())];
  first.candidates.count = 1;
  expect(second.candidates.count).toBe(0);
});
