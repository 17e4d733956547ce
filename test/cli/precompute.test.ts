import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** The built command: what is wrong is said before any model is trained. */

const bin = join(import.meta.dirname, '..', '..', 'bin', 'screentest.js');
const folder = mkdtempSync(join(tmpdir(), 'screentest-precompute-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

function precompute(args: readonly string[], redisUrl?: string) {
  return new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const env = { ...process.env, REDIS_URL: redisUrl };
    const child = execFile(
      process.execPath,
      [bin, 'precompute', '--cache', folder, ...args],
      { env, timeout: 60_000 },
      (_error, _stdout, stderr) => resolve({ code: child.exitCode, stderr }),
    );
  });
}

test.each([
  ['an unknown source', ['--sources', 'ials,magic'], undefined, 2, 'magic is none of ials, content'],
  ['an empty list', ['--length', '0'], undefined, 2, 'give a whole number from 1'],
  ['a folder without ratings', ['--data', folder], undefined, 2, folder],
  ['a Redis that is down', [], 'redis://127.0.0.1:1', 1, 'cannot reach Redis at 127.0.0.1:1'],
] as const)('%s is refused', async (_, args, redisUrl, expected, said) => {
  const { code, stderr } = await precompute(args, redisUrl);
  expect(stderr).toContain(said);
  expect(code).toBe(expected);
});
