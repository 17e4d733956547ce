import { join } from 'node:path';
import { twoTowerOnnx } from '../onnx/export.ts';
import { createTwoTowerScorer } from '../onnx/scorer.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import { FEATURE_SCHEMA } from '../ranking/features.ts';
import type { ItemSource } from '../ranking/item-models.ts';
import type { IalsModel, Models } from '../ranking/models.ts';
import type { TrainedModels, TrainingReport } from '../ranking/train.ts';
import { bytesOf, float32s, float64s, int32s } from './binary.ts';
import { type FileSet, FileSetError, readFileSet, sha256, writeFileSet } from './file-set.ts';
import { finite, rowsOf } from './numbers-in-files.ts';

/** What the manifest says about the models beside sizes and checksums. */
export interface ModelFacts {
  /** First 12 hex digits of the SHA-256 over the files' checksums: models of equal content have one version. */
  readonly version: string;
  readonly featureSchema: string;
  readonly catalogueVersion: string;
  readonly titles: number;
  readonly itemSources: readonly ItemSource[];
  readonly ials: Omit<IalsModel, 'items' | 'gram'>;
  readonly content: { readonly dims: number };
  readonly trending: { readonly asOf: number };
  readonly report: TrainingReport;
}

const MEND = 'run `npx screentest train`';

/** Writes trained models into a folder: raw little-endian vectors, two ONNX files, and manifest.json. */
export async function saveModels(folder: string, trained: TrainedModels): Promise<ModelFacts> {
  const { ials, content, trending, twoTower, featureSchema, catalogueVersion, itemSources, report } = trained;
  const files = new Map<string, Uint8Array>([
    ['ials-items.bin', bytesOf(ials.items)],
    ['ials-gram.bin', bytesOf(ials.gram)],
    ['content-vectors.bin', bytesOf(content.vectors)],
    ['trending-order.bin', bytesOf(trending.order)],
    ['trending-score.bin', bytesOf(trending.score)],
    ['popularity.bin', bytesOf(trending.popularity)],
    ['quality.bin', bytesOf(trending.quality)],
  ]);
  const vectors = sha256(Buffer.from([...files.values()].map(sha256).join()));
  const onnx = twoTowerOnnx(twoTower, vectors.slice(0, 12));
  files.set('item-tower.onnx', onnx.itemTower).set('scorer.onnx', onnx.scorer);
  const facts: ModelFacts = {
    version: sha256(Buffer.from([...files.values()].map(sha256).join())).slice(0, 12),
    featureSchema,
    catalogueVersion,
    titles: ials.items.length / ials.factors,
    itemSources,
    ials: factsOf(ials),
    content: { dims: content.dims },
    trending: { asOf: trending.asOf },
    report,
  };
  await writeFileSet(folder, facts, files);
  return facts;
}

/**
 * Reads models back, ready to serve.
 *
 * @param catalogue the one that titles will be served from
 * @throws FileSetError naming file and mend, when a file is missing, truncated or changed, when a number in it is not finite or a row not
 *   of the catalogue, or when the models were made for other features or another catalogue
 */
export async function loadModels(folder: string, catalogue: Catalogue): Promise<Models> {
  const set: FileSet<ModelFacts> = await readFileSet(folder, MEND);
  const { facts } = set;
  const manifest = join(folder, 'manifest.json');
  if (facts.featureSchema !== FEATURE_SCHEMA)
    throw new FileSetError(
      `${manifest}: models of feature schema ${facts.featureSchema}; this program computes ${FEATURE_SCHEMA}; ${MEND}`,
    );
  if (facts.catalogueVersion !== catalogue.version || facts.titles !== catalogue.size)
    throw new FileSetError(
      `${manifest}: models for catalogue ${facts.catalogueVersion} of ${facts.titles} titles; ` +
        `the catalogue is ${catalogue.version} of ${catalogue.size}; ${MEND}`,
    );
  const bytes = (name: string, length?: number): Buffer => {
    const content = set.files.get(name);
    const path = join(folder, name);
    if (content === undefined) throw new FileSetError(`${path}: is not in the manifest; ${MEND}`);
    if (length !== undefined && content.byteLength !== length)
      throw new FileSetError(`${path}: ${content.byteLength} bytes; ${length} were expected; ${MEND}`);
    return content;
  };
  const numbers = (name: string, length: number): Float32Array =>
    finite(join(folder, name), float32s(bytes(name, 4 * length)), MEND);
  const { size } = catalogue;
  const { factors } = facts.ials;
  const models = {
    version: facts.version,
    catalogue,
    ials: {
      ...facts.ials,
      items: numbers('ials-items.bin', size * factors),
      gram: finite(
        join(folder, 'ials-gram.bin'),
        float64s(bytes('ials-gram.bin', 8 * factors * factors)),
        MEND,
      ),
    },
    content: {
      ...facts.content,
      vectors: numbers('content-vectors.bin', size * facts.content.dims),
    },
    trending: {
      ...facts.trending,
      order: rowsOf(
        join(folder, 'trending-order.bin'),
        int32s(bytes('trending-order.bin', 4 * size)),
        size,
        MEND,
      ),
      score: numbers('trending-score.bin', size),
      popularity: numbers('popularity.bin', size),
      quality: numbers('quality.bin', size),
    },
  };
  const scorer = await createTwoTowerScorer(
    {
      itemTower: { path: join(folder, 'item-tower.onnx'), bytes: bytes('item-tower.onnx') },
      scorer: { path: join(folder, 'scorer.onnx'), bytes: bytes('scorer.onnx') },
    },
    models,
  );
  return { ...models, scorers: new Map([['two-tower', scorer]]) };
}

function factsOf({ items, gram, ...facts }: IalsModel): ModelFacts['ials'] {
  return facts;
}

/** How the models of a folder were judged in training. */
export async function readTrainingReport(folder: string): Promise<TrainingReport> {
  return (await readFileSet<ModelFacts>(folder, MEND)).facts.report;
}
