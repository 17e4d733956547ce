import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/files/invalid-input.ts';
import { withItemModels } from '../../src/files/item-models.ts';
import { type Prepared, prepare } from '../../src/prepare.ts';
import { interactionsOf } from '../ranking/fixtures.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-item-models-'));
const options = { dataFolder: undefined, cacheFolder: base, viewers: 200, titles: 150, seed: 5 };
let plain: Prepared;
let rich: Prepared;
beforeAll(async () => {
  plain = await prepare(options);
  rich = await prepare({ ...options, sources: ['ease', 'itemKnn'] });
});
afterAll(() => rmSync(base, { recursive: true }));

describe('item models', () => {
  test('are trained only where they are asked for, beside the same other models', () => {
    expect(plain.models).not.toHaveProperty('ease');
    expect(plain.models).not.toHaveProperty('itemKnn');
    expect(rich.models.ials.items).toEqual(plain.models.ials.items);
    expect(rich.models.ease!.rows.length ** 2).toBe(rich.models.ease!.weights.length);
    expect(rich.models.itemKnn!.starts).toHaveLength(151);
  });

  test('make another version, so that no stored list lacks a source', () => {
    expect(rich.models.version).not.toBe(plain.models.version);
  });

  test('are loaded the next time, in whatever order they are asked for', async () => {
    const steps: string[] = [];
    const again = await prepare({
      ...options,
      sources: ['itemKnn', 'ease'],
      progress: (step) => steps.push(step),
    });
    expect(steps).not.toContain('ease');
    expect(again.models.version).toBe(rich.models.version);
    expect(again.models.ease).toEqual(rich.models.ease);
    expect(again.models.itemKnn).toEqual(rich.models.itemKnn);
  });

  test('are trained anew with other parameters, and only then', async () => {
    const steps: string[] = [];
    const asked = {
      ...{ folder: join(base, 'declared'), interactions: plain.known, least: 0 },
      ...{ sources: ['ease', 'itemKnn'] as const, progress: (step: string) => steps.push(step) },
    };
    const parameters = { ease: { lambda: 50 }, itemKnn: { neighbours: 7, shrink: 2 } };
    const first = await withItemModels(plain.models, asked);
    const declared = await withItemModels(plain.models, { ...asked, parameters });
    expect(first.ease!.lambda).toBe(500);
    expect(declared.ease!.lambda).toBe(50);
    expect(declared.itemKnn).toMatchObject({ neighbours: 7, shrink: 2 });
    steps.length = 0;
    await withItemModels(plain.models, { ...asked, parameters });
    expect(steps).toEqual([]);
    const wrong = withItemModels(plain.models, { ...asked, parameters: { ease: { lambda: -1 } } });
    await expect(wrong).rejects.toThrow('EASE: lambda is -1; it is a number above 0');
    await expect(wrong).rejects.toBeInstanceOf(InvalidInput);
  });

  test('a damaged one is refused with the mend', async () => {
    truncateSync(join(rich.folder, 'itemKnn', 'titles.bin'), 8);
    await expect(prepare({ ...options, sources: ['ease', 'itemKnn'] })).rejects.toThrow(
      /titles\.bin: 8 bytes.*remove/,
    );
    const mended = await prepare({ ...options, sources: ['ease', 'itemKnn'], retrain: true });
    expect(mended.models.itemKnn).toEqual(rich.models.itemKnn);
  });

  test('a re-ranker trained with their scores is refused beside models without them, and both are named', async () => {
    const { itemKnn, ease, ...others } = rich.models;
    const asked = { folder: rich.folder, interactions: rich.known, least: 0 };
    const refused = withItemModels({ ...others, ease: ease! }, { ...asked, sources: [] });
    await expect(refused).rejects.toThrow(
      /manifest\.json: two-tower@\w+ was trained with scores of itemKnn and ease; the models beside it have ease;.*train/,
    );
    await expect(withItemModels(others, { ...asked, sources: [] })).rejects.toThrow('have none of them;');
    await expect(withItemModels(plain.models, { ...asked, sources: [] })).resolves.toBe(plain.models);
    expect(itemKnn).toBeDefined();
  });

  test('a catalogue too large for EASE is invalid input', async () => {
    const interactions = interactionsOf(Array.from({ length: 20_001 }, (_, title) => [0, title] as const));
    const models = { ...plain.models, catalogue: { ...plain.catalogue, size: 20_001 } };
    const asked = { folder: join(base, 'large'), sources: ['ease'] as const, interactions, least: 0 };
    const refused = withItemModels(models, asked);
    await expect(refused).rejects.toBeInstanceOf(InvalidInput);
    await expect(refused).rejects.toThrow('up to 20,000 watched titles');
  });
});
