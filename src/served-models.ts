import type { Clock } from './clock.ts';
import { type LiveModels, openLiveModels, type ServerSwap } from './control/live-models.ts';
import { loadCandidateFile } from './files/candidate-file.ts';
import type { Bus } from './fleet/bus.ts';
import type { Foundation } from './foundation.ts';
import type { LiveTrends } from './live-trends.ts';
import { retrieveMany } from './onnx/retrieve.ts';
import { usersBehind } from './ranking/candidate-lists.ts';
import type { Models } from './ranking/models.ts';
import { declaredPipelines, loadSwapped, swappedFolder } from './swapped-models.ts';
import { rehearse } from './variants/rehearse.ts';
import type { Viewers } from './viewers.ts';

/** Candidates kept per source and user. */
const CANDIDATES = 200;
/** Viewers that new models are tried with, beside one of whom nothing is known. */
const TRIED = 32;
/** A request that began with the models before a swap has ended by then, ms. */
const UNDER_WAY_MS = 60_000;
/** Longest wait for the other processes of a server to have what one of them took, ms. */
const FOLLOW_MS = 600_000;

/** The models of one serving process, and the candidate lists made with them. */
export interface ServedModels extends Pick<LiveModels, 'stats' | 'close'> {
  /** Takes the models of a folder in this process, then in the others of its server. */
  swap(folder: string): Promise<ServerSwap>;
  /** Lists of these models for the users, or for everyone known whose stored ones are missing or behind. */
  makeLists(
    models: Models,
    folder: string,
    progress: (done: number, total: number) => void,
    users?: readonly string[],
  ): Promise<void>;
}

export function serveModels(
  { configuration, stores, prepared, models: first, kept }: Foundation,
  live: LiveTrends,
  viewers: Pick<Viewers, 'get'>,
  clock: Clock,
  bus: Bus,
  note: (text: string) => void,
): ServedModels {
  const makeLists: ServedModels['makeLists'] = async (models, folder, progress, asked) => {
    if (asked === undefined && stores.redisUrl === undefined)
      await loadCandidateFile(folder, models.version, stores.candidates);
    // What `npx screentest precompute` stored already is not made again.
    const users = asked ?? (await usersBehind(stores.candidates, models.version, prepared.ids, viewers.get));
    await retrieveMany(
      models,
      users.map((id) => viewers.get(id)),
      CANDIDATES,
      async (entries, done) => {
        await stores.candidates.putMany(models.version, entries);
        progress(done, users.length);
        await turn();
      },
    );
  };

  const tried = (): string[] => {
    const step = Math.max(1, Math.floor(prepared.ids.length / TRIED));
    const known = Array.from({ length: TRIED }, (_, i) => prepared.ids[i * step]).filter(
      (id) => id !== undefined,
    );
    return [...known, 'nobody-heard-of'];
  };

  const control = openLiveModels<Models>({
    keptIn: swappedFolder(prepared),
    first: { version: first.version, kept },
    async load(folder) {
      const models = await loadSwapped(folder, prepared, configuration.current());
      if (models.version === live.models().version) return models;
      await rehearse(
        declaredPipelines(configuration.current()),
        tried().map(viewers.get),
        models,
        live.models(),
        clock.now(),
        turn,
      );
      await makeLists(models, folder, () => {});
      return models;
    },
    take(models) {
      const before = live.models().version;
      live.take(models);
      // In Redis they stay: other servers may serve those models.
      if (stores.redisUrl !== undefined || before === models.version) return;
      setTimeout(() => {
        if (live.models().version !== before) stores.candidates.drop(before).catch(() => {});
      }, UNDER_WAY_MS).unref();
    },
    note,
  });
  bus.onAsked('models', control.follow);

  return {
    makeLists,
    stats: control.stats,
    close: control.close,
    async swap(folder) {
      const swapped = await control.swap(folder);
      if (!swapped.ok) return swapped;
      const others = await bus.ask('models', FOLLOW_MS);
      return { ...swapped, behind: others.filter((version) => version !== swapped.version).length };
    },
  };
}

/** Lets what waits in the event loop go first. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
