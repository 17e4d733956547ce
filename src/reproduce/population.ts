import { formatDeclarationError } from '../declaration/errors.ts';
import type { Declarations } from '../declarations.ts';
import { readDeclarations } from '../files/declarations.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { createBatchRetriever } from '../onnx/retrieve.ts';
import { withDeclaredScorers } from '../onnx/with-declared-scorers.ts';
import { type Prepared, prepare } from '../prepare.ts';
import type { Models } from '../ranking/models.ts';
import type { CandidateLists, Viewer } from '../ranking/viewer.ts';
import { inventedWorld } from '../simulation/invented-world.ts';
import type { World } from '../simulation/world.ts';
import { itemSourcesOf } from '../variants/item-sources.ts';
import type { Plan } from './plan.ts';

/** Where a thread finds what the plan speaks of. */
export interface PopulationSettings {
  readonly cacheFolder: string;
  readonly experimentsFolder: string;
}

/** Viewers, titles and models: what every thread of a run has for itself. */
export interface Population {
  readonly world: World;
  /** What the models were trained on. */
  readonly prepared: Prepared;
  readonly declarations: Declarations;
  /** As they were trained: nothing that happens in the test changes them, nor what trends. */
  readonly models: Models;
  /** Candidate lists of viewers, in order. */
  retrieve(viewers: readonly Viewer[]): Promise<readonly CandidateLists[]>;
}

/** Candidates kept per source and viewer, as a server keeps them. */
const CANDIDATES = 200;

/** @throws InvalidInput with every mistake of the declarations */
export async function declarationsOf(folder: string): Promise<Declarations> {
  const parsed = await readDeclarations(folder);
  if (!parsed.ok) throw new InvalidInput(parsed.errors.map(formatDeclarationError).join('\n'));
  return parsed.declarations;
}

/**
 * Loads the models, or trains them on the past of the plan's first viewers where they are not there yet, and makes the
 * world.
 */
export async function openPopulation(
  plan: Pick<Plan, 'seed' | 'users' | 'titles' | 'trainedOn'>,
  { cacheFolder, experimentsFolder }: PopulationSettings,
  progress: (step: string, share: number) => void = () => {},
): Promise<Population> {
  const { seed, users, titles, trainedOn } = plan;
  const declarations = await declarationsOf(experimentsFolder);
  const prepared = await prepare({
    dataFolder: undefined,
    cacheFolder,
    viewers: trainedOn,
    titles,
    seed,
    sources: itemSourcesOf(declarations),
    training: declarations.training,
    progress,
  });
  const models = await withDeclaredScorers(prepared.models, declarations.scorers);
  // Neither traits nor tastes of a viewer depend on how many others there are.
  const world = users === trainedOn ? prepared.world : inventedWorld({ seed, viewers: users, titles });
  const retriever = createBatchRetriever(models);
  return {
    world,
    prepared,
    declarations,
    models,
    retrieve: (viewers) => retriever.retrieve(viewers, CANDIDATES),
  };
}
