import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue, Interactions } from '../ranking/catalogue.ts';
import {
  type ItemModelInput,
  type ItemModelParameters,
  type ItemSource,
  itemSourcesIn,
} from '../ranking/item-models.ts';
import type { EaseModel, ItemKnnModel, Models } from '../ranking/models.ts';
import { bytesOf, float32s, int32s } from './binary.ts';
import { FileSetError, readFileSet, sha256, writeFileSet } from './file-set.ts';
import { InvalidInput } from './invalid-input.ts';
import { finite, rowsOf } from './numbers-in-files.ts';
import { trainItemModelInWorker } from './train-item-model-in-worker.ts';

interface ItemModelFacts {
  readonly version: string;
  readonly catalogueVersion: string;
  readonly parameters: Readonly<Record<string, number>>;
}

const MEND = 'remove this folder, or run `npx screentest train`';

export interface ItemModelOptions {
  /** Folder of the models: each item model has one of its own in it. */
  readonly folder: string;
  readonly sources: readonly ItemSource[];
  /** What the other models know. */
  readonly interactions: Interactions;
  /** Least weight of an interaction that counts. */
  readonly least: number;
  /** A model that was trained with others is trained anew. */
  readonly parameters?: ItemModelParameters;
  readonly retrain?: boolean;
  /** Refuse the folder where one of them is missing or was made with others, rather than train it. */
  readonly untrained?: boolean;
  readonly progress?: (step: string, share: number) => void;
}

/**
 * The models with these item models beside them, loaded where they are and trained where not. Other item models make another
 * version, so that no stored candidate list lacks a source.
 *
 * @throws FileSetError as in `readFileSet`, and where a scorer was trained with the scores of an item model that is not there;
 *   InvalidInput when the catalogue is too large for a source
 */
export async function withItemModels(models: Models, options: ItemModelOptions): Promise<Models> {
  const { sources, interactions, least, parameters = {}, progress = () => {} } = options;
  const { size, version: catalogueVersion } = models.catalogue;
  const found: { itemKnn?: ItemKnnModel; ease?: EaseModel } = {};
  const versions = [models.version];
  for (const source of [...new Set(sources)].sort()) {
    const folder = join(options.folder, source);
    let stored =
      !options.retrain && existsSync(join(folder, 'manifest.json'))
        ? await loadItemModel(folder, models.catalogue, source)
        : undefined;
    if (stored === undefined || !madeWith(stored.model, { ...parameters[source], least })) {
      if (options.untrained)
        throw new FileSetError(
          `${join(folder, 'manifest.json')}: is ${stored === undefined ? 'missing' : 'of other parameters'}; ` +
            `declared pipelines use ${source}: run \`npx screentest train\` with the same declarations`,
        );
      const input: ItemModelInput = { source, interactions, titles: size, least, parameters };
      const model = await trainItemModelInWorker(input, (share) => progress(source, share)).catch((error) => {
        throw error instanceof RangeError ? new InvalidInput(error.message, { cause: error }) : error;
      });
      await saveItemModel(folder, catalogueVersion, model);
      stored = await loadItemModel(folder, models.catalogue, source);
    }
    const { model, version } = stored;
    versions.push(version);
    Object.assign(found, { [source]: model });
  }
  if (versions.length === 1) return complete(models, options.folder);
  const version = sha256(Buffer.from(versions.join())).slice(0, 12);
  return complete({ ...models, ...found, version }, options.folder);
}

/** Whether these are among the parameters that a model was trained with. */
function madeWith(model: object, wanted: object): boolean {
  const parameters = new Map<string, unknown>(Object.entries(model));
  return Object.entries(wanted).every(([name, value]) => parameters.get(name) === value);
}

/** The models, where no scorer lacks a model whose scores it was trained with. */
function complete(models: Models, folder: string): Models {
  const there = itemSourcesIn(models);
  for (const { name, itemSources = [] } of models.scorers.values()) {
    if (itemSources.every((source) => there.includes(source))) continue;
    throw new FileSetError(
      `${join(folder, 'manifest.json')}: ${name} was trained with scores of ${itemSources.join(' and ')}; ` +
        `the models beside it have ${there.join(' and ') || 'none of them'}; ` +
        `take candidates from the same sources, or run \`npx screentest train\``,
    );
  }
  return models;
}

/** Writes one item model into a folder of its own. */
async function saveItemModel(
  folder: string,
  catalogueVersion: string,
  model: ItemKnnModel | EaseModel,
): Promise<void> {
  const { least } = model;
  const files =
    'rows' in model
      ? new Map([
          ['rows.bin', bytesOf(model.rows)],
          ['weights.bin', bytesOf(model.weights)],
        ])
      : new Map([
          ['starts.bin', bytesOf(model.starts)],
          ['titles.bin', bytesOf(model.titles)],
          ['similarities.bin', bytesOf(model.similarities)],
        ]);
  const parameters =
    'rows' in model
      ? { least, lambda: model.lambda, size: model.size }
      : { least, shrink: model.shrink, neighbours: model.neighbours };
  const version = sha256(Buffer.from([...files.values()].map(sha256).join())).slice(0, 12);
  await writeFileSet<ItemModelFacts>(folder, { version, catalogueVersion, parameters }, files);
}

async function loadItemModel(
  folder: string,
  { version: catalogueVersion, size: titles }: Catalogue,
  source: ItemSource,
): Promise<{ model: ItemKnnModel | EaseModel; version: string }> {
  const { facts, files } = await readFileSet<ItemModelFacts>(folder, MEND);
  if (facts.catalogueVersion !== catalogueVersion)
    throw new FileSetError(
      `${join(folder, 'manifest.json')}: a model for catalogue ${facts.catalogueVersion}; the catalogue is ${catalogueVersion}; ${MEND}`,
    );
  const bytes = (name: string): Buffer => {
    const content = files.get(name);
    if (content === undefined)
      throw new FileSetError(`${join(folder, name)}: is not in the manifest; ${MEND}`);
    return content;
  };
  const numbers = (name: string): Float32Array => finite(join(folder, name), float32s(bytes(name)), MEND);
  const rows = (name: string, limit: number): Int32Array =>
    rowsOf(join(folder, name), int32s(bytes(name)), limit, MEND);
  const { least, ...rest } = facts.parameters as Record<string, number> & { least: number };
  const model =
    source === 'ease'
      ? {
          least,
          lambda: rest.lambda!,
          size: rest.size!,
          rows: rows('rows.bin', titles),
          weights: numbers('weights.bin'),
        }
      : {
          least,
          shrink: rest.shrink!,
          neighbours: rest.neighbours!,
          starts: int32s(bytes('starts.bin')),
          titles: rows('titles.bin', titles),
          similarities: numbers('similarities.bin'),
        };
  return { model, version: facts.version };
}
