import { InferenceSession, Tensor } from 'onnxruntime-node';
import { finishedTitles } from '../ranking/continuation.ts';
import { itemLists, type RetrievalModels, viewerVectors } from '../ranking/retrieve.ts';
import type { CandidateList, CandidateLists, Viewer } from '../ranking/viewer.ts';
import { onnxModel } from './protobuf.ts';

/** Users of one call to the runtime: large enough for its matrix product, small enough to let other work in between. */
const CHUNK = 256;

let session: Promise<InferenceSession> | undefined;

/** users x rows' and the largest `count` per user; ties by row, as in the plain retrieval. */
function topRows(): Promise<InferenceSession> {
  session ??= InferenceSession.create(
    onnxModel({
      name: 'top-rows',
      inputs: [
        { name: 'users', type: 'float32', shape: ['batch', 'width'] },
        { name: 'rows', type: 'float32', shape: ['size', 'width'] },
        { name: 'count', type: 'int64', shape: [1] },
      ],
      outputs: [
        { name: 'scores', type: 'float32', shape: ['batch', 'count'] },
        { name: 'titles', type: 'int32', shape: ['batch', 'count'] },
      ],
      nodes: [
        { op: 'Gemm', inputs: ['users', 'rows'], outputs: ['products'], attributes: { transB: 1 } },
        {
          op: 'TopK',
          inputs: ['products', 'count'],
          outputs: ['scores', 'indices'],
          attributes: { axis: 1, largest: 1, sorted: 1 },
        },
        { op: 'Cast', inputs: ['indices'], outputs: ['titles'], attributes: { to: 6 } },
      ],
      initializers: [],
    }),
  );
  return session;
}

/**
 * `retrieveLists` for many users: the same lists to within float rounding, by matrix products in onnxruntime.
 *
 * @param onChunk called with the lists of some of the users and how many users are done so far; awaited, so that a store
 *   can keep up. The order of users is not kept: those with histories of like length are computed together.
 */
export async function retrieveMany(
  models: RetrievalModels,
  viewers: readonly Viewer[],
  count: number,
  onChunk: (
    entries: readonly (readonly [user: string, lists: CandidateLists])[],
    done: number,
  ) => void | Promise<void>,
): Promise<void> {
  const size = models.catalogue.size;
  const run = await topRows();
  const ials = new Tensor('float32', models.ials.items, [size, models.ials.factors]);
  const content = new Tensor('float32', models.content.vectors, [size, models.content.dims]);
  const ordered = [...viewers].sort((a, b) => a.watchCount - b.watchCount);
  for (let from = 0; from < ordered.length; from += CHUNK) {
    const chunk = ordered.slice(from, from + CHUNK);
    const vectors = chunk.map((viewer) => viewerVectors(models, viewer));
    const finished = chunk.map((viewer) => finishedTitles(viewer, models.catalogue));
    const byIals = await best(
      run,
      ials,
      vectors.map((vector) => vector.ials),
      finished,
      count,
    );
    const byContent = await best(
      run,
      content,
      vectors.map((vector) => vector.content),
      finished,
      count,
    );
    const entries = chunk.map((viewer, row) => {
      const lists = {
        ials: byIals[row]!,
        content: byContent[row]!,
        ...itemLists(models, viewer, count, finished[row]!),
        watchCount: viewer.watchCount,
      };
      return [viewer.id, lists] as const;
    });
    await onChunk(entries, from + chunk.length);
  }
}

async function best(
  run: InferenceSession,
  rows: Tensor,
  users: readonly Float32Array[],
  finished: readonly ReadonlySet<number>[],
  count: number,
): Promise<CandidateList[]> {
  const [size, width] = rows.dims as [number, number];
  const most = finished.reduce((largest, titles) => Math.max(largest, titles.size), 0);
  const fetched = Math.min(size, count + most);
  const matrix = new Float32Array(users.length * width);
  users.forEach((vector, row) => {
    matrix.set(vector, row * width);
  });
  const output = await run.run({
    users: new Tensor('float32', matrix, [users.length, width]),
    rows,
    count: new Tensor('int64', BigInt64Array.of(BigInt(fetched)), [1]),
  });
  const titles = output.titles!.data as Int32Array;
  const scores = output.scores!.data as Float32Array;
  return users.map((vector, row) => {
    const list = { titles: new Int32Array(count), scores: new Float32Array(count) };
    let filled = 0;
    if (vector.some((value) => value !== 0)) {
      for (let place = row * fetched; place < (row + 1) * fetched && filled < count; place++) {
        if (finished[row]!.has(titles[place]!)) continue;
        list.titles[filled] = titles[place]!;
        list.scores[filled++] = scores[place]!;
      }
    }
    return { titles: list.titles.slice(0, filled), scores: list.scores.slice(0, filled) };
  });
}
