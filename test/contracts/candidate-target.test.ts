import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, stat, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCandidateFile, loadCandidateFile } from '../../src/files/candidate-file.ts';
import { InvalidInput } from '../../src/files/invalid-input.ts';
import { packLists } from '../../src/ranking/candidate-bytes.ts';
import type { CandidateTarget } from '../../src/ranking/candidate-plan.ts';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import type { CandidateStore } from '../../src/ranking/viewer.ts';
import { createRedisCandidateStore } from '../../src/redis/candidate-store.ts';
import { createRedisCandidateTarget } from '../../src/redis/candidate-target.ts';
import { listsOf, PLAN, userOf, writeRest } from '../support/candidate-writer.ts';
import { realRedisUrl, testRedis } from '../support/redis.ts';

/** One place that targets open anew as often as they are asked: a later process. */
interface Place {
  open(): CandidateTarget;
  /** What a server finds there, and for how many users. */
  read(): Promise<{ store: CandidateStore; users: number }>;
  /** Arguments of the process that writes there. */
  readonly writer: readonly string[];
  remove(): Promise<void>;
}

const url = await realRedisUrl();
const places: [string, boolean, () => Promise<Place>][] = [
  [
    'a file',
    false,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'screentest-candidates-'));
      return {
        open: () => createCandidateFile(folder),
        async read() {
          const store = createMemoryCandidateStore();
          return { store, users: await loadCandidateFile(folder, 'v1', store) };
        },
        writer: ['file', folder],
        remove: () => rm(folder, { recursive: true }),
      };
    },
  ],
  [
    'Redis',
    url === undefined,
    async () => {
      const { redis, prefix, close } = testRedis(url as string);
      return {
        open: () => createRedisCandidateTarget(redis, prefix),
        async read() {
          const stored = await redis.get(`${prefix}:precomputed:v1`);
          const users = stored === null ? 0 : (JSON.parse(stored) as { done: number }).done;
          return { store: createRedisCandidateStore(redis, prefix), users };
        },
        writer: ['redis', url as string, prefix],
        remove: close,
      };
    },
  ],
];

let bundle: string;
beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'screentest-writer-'));
  const root = join(import.meta.dirname, '..', '..');
  await symlink(join(root, 'node_modules'), join(bundle, 'node_modules'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(root, 'test/support/candidate-writer.ts'), outDir: bundle, target: 'node20' },
  });
});
afterAll(() => rm(bundle, { recursive: true }));

/** Runs the writer and kills it after a number of commits; 0 lets it finish. Returns how many users it said were done. */
async function write(args: readonly string[], commits: number): Promise<number> {
  const child = spawn(process.execPath, [join(bundle, 'candidate-writer.js'), ...args]);
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    if (commits > 0 && said.split('\n').length > commits) child.kill('SIGKILL');
  });
  let failure = '';
  child.stderr.on('data', (text: Buffer) => {
    failure += text.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== null && code !== 0) throw new Error(failure);
  return Number(said.trim().split('\n').at(-1));
}

for (const [name, skipped, make] of places) {
  describe.skipIf(skipped)(`a precomputation into ${name}`, () => {
    const withPlace = (work: (place: Place) => Promise<void>) => async () => {
      const place = await make();
      try {
        await work(place);
      } finally {
        await place.remove();
      }
    };
    const all = Array.from({ length: PLAN.users }, (_, user) => user);

    async function expectWhole(place: Place): Promise<void> {
      const { store, users } = await place.read();
      expect(users).toBe(PLAN.users);
      expect(await store.getMany('v1', all.map(userOf))).toEqual(all.map(listsOf));
    }

    test(
      'killed three times, it goes on where it stopped: nothing twice, nothing missing',
      withPlace(async (place) => {
        let before = 0;
        for (const commits of [3, 17, 1]) {
          const said = await write(place.writer, commits);
          const target = place.open();
          const done = await target.begin(PLAN, true);
          await target.close();
          expect(done).toBeGreaterThanOrEqual(said);
          expect(done).toBeGreaterThan(before);
          expect(done).toBeLessThan(PLAN.users);
          expect(done % 40).toBe(0);
          before = done;
        }
        await write(place.writer, 0);
        await expectWhole(place);
      }),
      30_000,
    );

    test(
      'resumed after the last commit there is nothing left to do',
      withPlace(async (place) => {
        for (let round = 0; round < 2; round++) {
          const target = place.open();
          await writeRest(target);
          await target.close();
        }
        const target = place.open();
        expect(await target.begin(PLAN, true)).toBe(PLAN.users);
        const size = await target.finish();
        await target.close();
        const { length } = packLists(all.map(listsOf)).bytes;
        expect(size).toMatchObject({ users: PLAN.users, bytes: length });
        await expectWhole(place);
      }),
    );

    test(
      'without --resume it begins anew',
      withPlace(async (place) => {
        const first = place.open();
        await first.begin(PLAN, false);
        await first.commit(['a'], packLists([listsOf(1)]));
        await first.close();
        const second = place.open();
        expect(await second.begin(PLAN, false)).toBe(0);
        await second.close();
      }),
    );

    test.each([
      [{ length: 20 }, 'length 50, now 20'],
      [{ users: 3 }, 'users 4000, now 3'],
      [{ sources: ['ials'] as const }, 'sources ials,content, now ials'],
      [{ history: 'other' }, 'another history'],
    ])('another plan %o does not go on', async (other, said) => {
      const place = await make();
      const first = place.open();
      await first.begin(PLAN, false);
      await first.close();
      const second = place.open();
      const failure = await second.begin({ ...PLAN, ...other }, true).catch((error: unknown) => error);
      await second.close();
      await place.remove();
      expect(failure).toBeInstanceOf(InvalidInput);
      expect(String(failure)).toContain(said);
      expect(String(failure)).toContain('run without --resume');
    });
  });
}

describe('a file of candidates', () => {
  test.each([
    ['torn', (path: string, size: number) => truncate(path, size - 1)],
    ['followed by noise', (path: string) => appendFile(path, Buffer.alloc(40, 9))],
  ])('whose last chunk is %s goes on after the last whole one', async (_, damage) => {
    const folder = await mkdtemp(join(tmpdir(), 'screentest-candidates-'));
    const target = createCandidateFile(folder);
    await target.begin({ ...PLAN, users: 2 }, false);
    await target.commit(['a'], packLists([listsOf(1)]));
    await target.commit(['b'], packLists([listsOf(2)]));
    await target.close();
    const path = join(folder, 'candidates.part');
    const { size } = await stat(path);
    await damage(path, size);
    const again = createCandidateFile(folder);
    const done = await again.begin({ ...PLAN, users: 2 }, true);
    if (done === 1) await again.commit(['b'], packLists([listsOf(2)]));
    await again.finish();
    await again.close();
    const store = createMemoryCandidateStore();
    expect(await loadCandidateFile(folder, 'v1', store)).toBe(2);
    expect(await store.getMany('v1', ['a', 'b'])).toEqual([listsOf(1), listsOf(2)]);
    expect(await loadCandidateFile(folder, 'v2', store)).toBe(0);
    await rm(folder, { recursive: true });
  });

  test('half of one is not served, none is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'screentest-candidates-'));
    const store = createMemoryCandidateStore();
    expect(await loadCandidateFile(folder, 'v1', store)).toBe(0);
    const target = createCandidateFile(folder);
    await target.begin(PLAN, true);
    await target.commit(['a'], packLists([listsOf(1)]));
    await target.close();
    expect(await loadCandidateFile(folder, 'v1', store)).toBe(0);
    await rm(folder, { recursive: true });
  });
});
