import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModels } from '../../src/files/artefacts.ts';
import { bytesOf, float64s } from '../../src/files/binary.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';
import { retrieveLists } from '../../src/ranking/retrieve.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-artefacts-'));
const options = {
  dataFolder: undefined,
  cacheFolder: join(base, 'cache'),
  viewers: 300,
  titles: 400,
  seed: 3,
};
let prepared: Prepared;

beforeAll(async () => {
  prepared = await prepare(options);
});
afterAll(() => rmSync(base, { recursive: true }));

describe('prepare', () => {
  test('a second call loads the same models and history without training', async () => {
    const steps: string[] = [];
    const again = await prepare({ ...options, progress: (step) => steps.push(step) });
    expect(steps).not.toContain('re-ranker');
    expect(again.models.version).toBe(prepared.models.version);
    expect(again.models.ials.items).toEqual(prepared.models.ials.items);
    expect(again.models.ials).toMatchObject({ alpha: 3, nu: 1, least: 0, binary: false });
    expect(again.history).toEqual(prepared.history);
    expect(again.heldOut).toEqual(prepared.heldOut);
    expect(again.report).toEqual(prepared.report);
  });

  test('another seed is another set of models', async () => {
    const other = await prepare({ ...options, seed: 4 });
    expect(other.folder).not.toBe(prepared.folder);
    expect(other.models.version).not.toBe(prepared.models.version);
  });

  test('held-out titles are new to their viewers', () => {
    const { history, heldOut } = prepared;
    const known = new Set([...history.users].map((user, entry) => `${user} ${history.titles[entry]}`));
    expect(heldOut.count).toBeGreaterThan(300);
    for (let entry = 0; entry < heldOut.count; entry++)
      expect(known.has(`${heldOut.users[entry]} ${heldOut.titles[entry]}`)).toBe(false);
  });

  test('a damaged cache is refused, and retraining mends it', async () => {
    const cacheFolder = join(base, 'damaged');
    cpSync(options.cacheFolder, cacheFolder, { recursive: true });
    const folder = prepared.folder.replace(options.cacheFolder, cacheFolder);
    writeFileSync(join(folder, 'popularity.bin'), 'damaged');
    await expect(prepare({ ...options, cacheFolder })).rejects.toThrow(
      /popularity\.bin.*npx screentest train/,
    );
    const mended = await prepare({ ...options, cacheFolder, retrain: true });
    expect(mended.models.version).toBe(prepared.models.version);
  });
});

describe('loadModels', () => {
  test('serves lists and scores', async () => {
    const { models } = prepared;
    const viewer = {
      id: 'u',
      country: '',
      ageGroup: 'unknown' as const,
      picks: [],
      watchCount: 2,
      watchedTitles: Int32Array.of(0, 1),
      watchedWeights: Float32Array.of(1, 1),
      watchedAt: Float64Array.of(0, 1),
      revision: 0,
    };
    expect(retrieveLists(models, viewer, 20).ials.titles).toHaveLength(20);
    expect(models.scorers.has('two-tower')).toBe(true);
    expect(readdirSync(prepared.folder).some((name) => name.endsWith('.tmp'))).toBe(false);
  });

  function copyOf(change: (folder: string) => void): string {
    const folder = mkdtempSync(join(base, 'copy-'));
    cpSync(prepared.folder, folder, { recursive: true });
    change(folder);
    return folder;
  }
  const edit = (name: string, change: (text: string) => string) => (folder: string) =>
    writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));

  test.each<[string, (folder: string) => void, RegExp]>([
    ['a missing manifest', (folder) => rmSync(join(folder, 'manifest.json')), /manifest\.json: is missing/],
    [
      'a manifest that is no JSON',
      edit('manifest.json', (text) => text.slice(0, 40)),
      /manifest\.json: is not JSON/,
    ],
    [
      'another format',
      edit('manifest.json', (text) => text.replace('"format": 1', '"format": 9')),
      /format 9; this program reads format 1/,
    ],
    ['a missing file', (folder) => rmSync(join(folder, 'ials-items.bin')), /ials-items\.bin: is missing/],
    [
      'a truncated file',
      (folder) => truncateSync(join(folder, 'content-vectors.bin'), 100),
      /content-vectors\.bin: 100 bytes, the manifest says \d+/,
    ],
    [
      'a truncated ONNX file',
      (folder) => truncateSync(join(folder, 'scorer.onnx'), 100),
      /scorer\.onnx: 100 bytes/,
    ],
    [
      'a changed file',
      (folder) => {
        const file = join(folder, 'trending-score.bin');
        const bytes = readFileSync(file);
        bytes[0]! ^= 1;
        writeFileSync(file, bytes);
      },
      /trending-score\.bin: its checksum is not that of the manifest/,
    ],
    [
      'another feature schema',
      edit('manifest.json', (text) => text.replace(/"featureSchema": "[^"]+"/, '"featureSchema": "old/0"')),
      /models of feature schema old\/0; this program computes two-tower/,
    ],
    [
      'another catalogue',
      edit('manifest.json', (text) =>
        text.replace(/"catalogueVersion": "[^"]+"/, '"catalogueVersion": "other"'),
      ),
      /models for catalogue other of 400 titles; the catalogue is .* of 400/,
    ],
  ])('%s is refused with file and mend', async (_, change, message) => {
    const error = await loadModels(copyOf(change), prepared.catalogue).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/run `npx screentest train`$/);
  });
});

test('numbers keep their bits on the way through bytes', () => {
  const numbers = Float64Array.of(0.1, -0, Number.MAX_VALUE, Number.NaN);
  expect(float64s(bytesOf(numbers))).toEqual(numbers);
});
