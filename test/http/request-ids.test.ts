import { version } from 'uuid';
import { expect, it } from 'vitest';
import { createRequestIds } from '../../src/http/request-ids.ts';

it('gives each request an id of its own that tells its time', () => {
  const at = 1_790_812_800_123;
  const newId = createRequestIds(() => at);
  const ids = Array.from({ length: 2_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids.map(version))).toEqual(new Set([7]));
  expect(new Set(ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)))).toEqual(
    new Set([at]),
  );
});
