import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import {
  FEATURE_SCHEMA,
  type FeatureModels,
  ITEM_WIDTH,
  itemFeatures,
  PAIR_WIDTH,
  USER_WIDTH,
} from '../ranking/features.ts';
import { ITEM_SOURCES } from '../ranking/item-models.ts';
import { createVectorSpace } from '../ranking/kernels/vector-space.ts';
import type { Scorer } from '../ranking/models.ts';
import { onnxMetadata } from './protobuf.ts';

/** A model file's content and what to call it in errors. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

type ItemModels = Pick<FeatureModels, 'catalogue' | 'trending'>;

const MEND = 'train the models again';
// More threads cost more than they save at the size of one batch.
const OPTIONS: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
};
const SCORER_INPUTS = ['users', 'candidates'];

/**
 * The two-tower scorer of two files. The item tower runs once, here; a request then costs one run of the scorer.
 * @throws when a file is missing, truncated, of another feature schema or catalogue, or has other inputs
 */
export async function loadTwoTower(
  paths: { readonly itemTower: string; readonly scorer: string },
  models: ItemModels,
): Promise<Scorer> {
  const [itemTower, scorer] = await Promise.all([readModel(paths.itemTower), readModel(paths.scorer)]);
  return createTwoTowerScorer({ itemTower, scorer }, models);
}

/** The same from files already read. */
export async function createTwoTowerScorer(
  files: { readonly itemTower: ModelFile; readonly scorer: ModelFile },
  models: ItemModels,
): Promise<Scorer> {
  const metadata = checkMetadata(files.scorer, 'scorer', models);
  const itemMetadata = checkMetadata(files.itemTower, 'item-tower', models);
  if (itemMetadata.version !== metadata.version || itemMetadata.dims !== metadata.dims) {
    throw new Error(
      `${files.itemTower.path} is of model version ${itemMetadata.version} with ${itemMetadata.dims} dimensions, ` +
        `${files.scorer.path} of version ${metadata.version} with ${metadata.dims}; ${MEND}`,
    );
  }
  const dims = Number(metadata.dims);
  const items = createVectorSpace(await runItemTower(files.itemTower, models), dims);
  const session = await open(files.scorer, SCORER_INPUTS, 'probabilities');
  // Several batches may be under way, so each takes a room of its own and gives it back.
  const spare: Room[] = [];
  return {
    name: `${metadata.name}@${metadata.version}`,
    featureSchema: metadata.feature_schema!,
    itemSources: ITEM_SOURCES.filter((source) => metadata.item_sources?.split(' ').includes(source)),
    async score(batch, slots, users, candidates, pairs) {
      const room = roomFor(spare.pop(), batch, slots, dims);
      try {
        room.users.set(users);
        const width = (dims + PAIR_WIDTH) * slots;
        const own = PAIR_WIDTH * slots;
        for (let row = 0; row < batch; row++) {
          items.columns(room.candidates, row * width, candidates, row * slots, slots);
          room.candidates.set(pairs.subarray(row * own, (row + 1) * own), row * width + dims * slots);
        }
        await session.run(room.feeds, room.fetches);
        refuseNan(room.probabilities, files.scorer.path);
        return room.probabilities;
      } finally {
        spare.push(room);
      }
    },
  };
}

/** Inputs and outputs of batches of one shape. */
interface Room {
  readonly batch: number;
  readonly slots: number;
  readonly users: Float32Array;
  readonly candidates: Float32Array;
  readonly probabilities: Float32Array;
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
  readonly fetches: Readonly<Record<string, ort.Tensor>>;
}

function roomFor(held: Room | undefined, batch: number, slots: number, dims: number): Room {
  if (held?.batch === batch && held.slots === slots) return held;
  const width = dims + PAIR_WIDTH;
  const users = new Float32Array(batch * USER_WIDTH);
  const candidates = new Float32Array(batch * width * slots);
  const probabilities = new Float32Array(batch * slots);
  return {
    batch,
    slots,
    users,
    candidates,
    probabilities,
    feeds: {
      users: new ort.Tensor('float32', users, [batch, USER_WIDTH]),
      candidates: new ort.Tensor('float32', candidates, [batch, width, slots]),
    },
    fetches: { probabilities: new ort.Tensor('float32', probabilities, [batch, 1, slots]) },
  };
}

async function readModel(path: string): Promise<ModelFile> {
  try {
    return { path, bytes: await readFile(path) };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      `${path} ${missing ? 'is missing' : `cannot be read (${(cause as Error).message})`}; ${MEND}`,
      {
        cause,
      },
    );
  }
}

function checkMetadata({ path, bytes }: ModelFile, part: string, { catalogue }: ItemModels) {
  const metadata = onnxMetadata(bytes, path);
  const expected: Record<string, string> = {
    part,
    feature_schema: FEATURE_SCHEMA,
    catalogue: catalogue.version,
    titles: String(catalogue.size),
    user_width: String(USER_WIDTH),
    item_width: String(ITEM_WIDTH),
    pair_width: String(PAIR_WIDTH),
  };
  for (const [key, value] of Object.entries(expected)) {
    if (metadata[key] === value) continue;
    const what = key.replaceAll('_', ' ');
    throw new Error(
      `${path} was made for ${what} ${metadata[key] ?? '(none)'}, this program has ${value}; ${MEND}`,
    );
  }
  return metadata;
}

async function open(
  { path, bytes }: ModelFile,
  inputs: readonly string[],
  output: string,
): Promise<ort.InferenceSession> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, OPTIONS);
  } catch (cause) {
    throw new Error(`${path} is no model that onnxruntime can run (${(cause as Error).message}); ${MEND}`, {
      cause,
    });
  }
  const found = [...session.inputNames].sort().join(', ');
  const wanted = [...inputs].sort().join(', ');
  if (found !== wanted || !session.outputNames.includes(output)) {
    throw new Error(
      `${path} has inputs ${found} and outputs ${session.outputNames.join(', ')}; ` +
        `it must have inputs ${wanted} and output ${output}`,
    );
  }
  return session;
}

/** titles x dims */
async function runItemTower(file: ModelFile, models: ItemModels): Promise<Float32Array> {
  const session = await open(file, ['features'], 'vectors');
  const features = new ort.Tensor('float32', itemFeatures(models), [models.catalogue.size, ITEM_WIDTH]);
  const { vectors } = await session.run({ features });
  await session.release();
  const data = vectors!.data as Float32Array;
  refuseNan(data, file.path);
  return data;
}

function refuseNan(values: Float32Array, path: string): void {
  // A sum is NaN when any term is; probabilities and vectors cannot overflow it.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  if (Number.isNaN(sum)) throw new Error(`${path} gave a score that is not a number; ${MEND}`);
}
