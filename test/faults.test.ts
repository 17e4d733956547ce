import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

/** The short version of `npm run faults`: each fault once or a few times on the built product. */

interface Result {
  readonly name: string;
  readonly skipped?: string;
  readonly failed?: string;
  readonly told?: string;
  readonly verdict?: Readonly<Record<string, unknown>>;
}

const run = join(import.meta.dirname, '..', 'faults', 'run.js');

function faults(args: readonly string[]): Promise<readonly Result[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 26 };
    execFile(process.execPath, [run, '--quick', '--json', ...args], options, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout).results);
      } catch {
        reject(new Error(stderr));
      }
    });
  });
}

const ON_EMBEDDED = [
  'api-killed',
  'worker-killed',
  'database-killed',
  'database-hangs',
  'database-locked',
  'disk-full',
  'small-disk',
  'sync-fails',
  'journal-damaged',
  'replays',
  'kill-switch',
  'config-save',
  'bad-model',
  'rolling-restart',
  'overload',
  'clock-jumps',
];
/** Only a product on Redis can miss it. */
const ON_REDIS = ['redis-gone'];
const names = [...ON_EMBEDDED, ...ON_REDIS];

describe('what was acknowledged survives', () => {
  let results: readonly Result[] = [];
  beforeAll(async () => {
    const [embedded, real] = await Promise.all([
      faults(['--embedded', '--only', ON_EMBEDDED.join()]),
      faults(['--real', '--only', ON_REDIS.join()]),
    ]);
    results = [...embedded, ...real];
  }, 600_000);

  test.for(names)('%s', (name, { skip }) => {
    const { skipped, failed, told, verdict } = results.find((result) => result.name === name)!;
    if (skipped !== undefined) {
      process.stderr.write(`${name} is skipped: ${skipped}\n`);
      skip();
    }
    expect(failed, told).toBeUndefined();
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, altered: 0, invented: 0, examples: [] });
    expect(verdict!.acknowledged).toBeGreaterThan(0);
  });
});
