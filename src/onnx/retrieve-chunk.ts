import { packLists } from '../ranking/candidate-bytes.ts';
import type { RetrievalModels } from '../ranking/retrieve.ts';
import type { ListedSource, PackedLists } from '../ranking/viewer.ts';
import { factorsOf, type HistoryChunk, viewersOf } from './history-chunk.ts';
import { createBatchRetriever } from './retrieve.ts';

/** What every chunk of a precomputation shares. */
export interface RetrievalJob {
  readonly models: RetrievalModels;
  readonly sources: readonly ListedSource[];
  /** Titles per list. */
  readonly length: number;
}

export type ChunkRetriever = (chunk: HistoryChunk) => Promise<PackedLists>;

/** Histories in, packed lists out. One call at a time. */
export function createChunkRetriever({ models, sources, length }: RetrievalJob): ChunkRetriever {
  const retriever = createBatchRetriever(models, sources);
  return async (chunk) => packLists(await retriever.retrieve(viewersOf(chunk), length, factorsOf(chunk)));
}
