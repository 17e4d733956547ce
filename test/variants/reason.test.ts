import { expect, test } from 'vitest';
import { isPersonal, REASONS, reasonOf } from '../../src/variants/reason.ts';
import { SOURCES } from '../../src/variants/stage.ts';

const rows = SOURCES.map((_, row) => row);

test('titles that are there for what was watched name one, or say that they are like the viewer', () => {
  const personal = SOURCES.filter((_, row) => isPersonal(row));
  expect(personal).toEqual(['ials', 'content', 'itemKnn', 'ease']);
  for (const source of personal)
    expect([true, false].map((because) => reasonOf(SOURCES.indexOf(source), because))).toEqual([
      'like-watched',
      'like-viewer',
    ]);
});

test('every other source is a reason of its own, and there are no more', () => {
  const others = rows.filter((row) => !isPersonal(row)).map((row) => reasonOf(row, false));
  expect(new Set(others).size).toBe(others.length);
  expect([...others].sort()).toEqual(REASONS.filter((reason) => !reason.startsWith('like-')).sort());
});
