import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { ProgressReporter } from './cli/progress.ts';
import { type LiveConfiguration, openLiveConfiguration } from './control/live-configuration.ts';
import { brokenPromises } from './declaration/promises.ts';
import type { Declarations } from './declarations.ts';
import { parseInChild } from './files/parse-in-child.ts';
import { itemSourcesOf } from './variants/item-sources.ts';

export interface ConfigurationSettings {
  readonly cacheFolder: string;
  readonly experimentsFolder: string;
  /** Absent: the environment is made from the declarations, so that they cannot change while it runs. */
  readonly environment?: string;
  /** Of a worker: the first process of its server has read the folder. */
  readonly worker?: object;
  readonly report: ProgressReporter;
}

/** The declarations of a folder with the last good ones behind them. */
export async function openConfiguration(settings: ConfigurationSettings): Promise<LiveConfiguration> {
  const { cacheFolder, experimentsFolder, environment, report } = settings;
  let serving = false;
  const configuration = await openLiveConfiguration({
    folder: experimentsFolder,
    keptIn: join(cacheFolder, 'configuration', environment ?? nameOf(experimentsFolder)),
    parse: parseInChild,
    against(before, after) {
      if (environment !== undefined)
        return [...brokenPromises(before, after, Date.now()), ...(serving ? needsStart(before, after) : [])];
      return serving
        ? [
            `${experimentsFolder}: the environment of a simulation is made from its declarations; ` +
              'start again, or start with --environment NAME, whose declarations may change while it runs',
          ]
        : [];
    },
    follow: settings.worker !== undefined,
    note: report.note,
  });
  serving = true;
  return configuration;
}

/** What is read at a start only. */
function needsStart(before: Declarations, after: Declarations): string[] {
  const trained = itemSourcesOf(before);
  const untrained = itemSourcesOf(after).filter((source) => !trained.includes(source));
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return [
    ...untrained.map(
      (source) => `${source} is not trained: a pipeline that takes candidates from it needs a start`,
    ),
    ...(same(before.training, after.training) ? [] : ['models.yaml: other training needs a start']),
    ...(same(before.scorers, after.scorers) ? [] : ['models.yaml: other scorers need a start']),
  ];
}

const nameOf = (folder: string): string =>
  `folder-${createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12)}`;
