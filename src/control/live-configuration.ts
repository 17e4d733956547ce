import { mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { formatDeclarationError } from '../declaration/errors.ts';
import type { ParseResult } from '../declaration/parse.ts';
import type { SourceFile } from '../declaration/source-file.ts';
import type { Declarations } from '../declarations.ts';
import { readSources } from '../files/declarations.ts';
import { readSealed, writeSealed } from '../files/durable-file.ts';
import { readGenerations, saveGeneration } from '../files/generations.ts';
import { InvalidInput } from '../files/invalid-input.ts';

export type Reload =
  | { readonly ok: true; readonly version: string; readonly changed: boolean }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export interface ConfigurationStats {
  /** Of the declarations served; grows with each that was taken. */
  readonly generation: number;
  /** The folder as it was read last is not what is served. */
  readonly refused: boolean;
}

/** The declarations in force, and the last good ones on disk. */
export interface LiveConfiguration {
  /** The same object until others are taken. */
  current(): Declarations;
  /** Reads the folder anew: all of it is taken, or nothing. */
  reload(): Promise<Reload>;
  /** What is wrong with the folder; empty when nothing is. */
  refused(): readonly string[];
  stats(): ConfigurationStats;
  close(): void;
}

export interface LiveConfigurationOptions {
  /** Folder of the declarations, as people edit it. */
  readonly folder: string;
  /** Where the last good ones are kept, shared by the processes of a machine. */
  readonly keptIn: string;
  readonly parse: (files: readonly SourceFile[]) => Promise<ParseResult>;
  /** What speaks against serving these after those, one sentence each. */
  readonly against: (before: Declarations, after: Declarations) => readonly string[];
  /** Take what is kept and leave the folder alone: another process has just read it. */
  readonly follow?: boolean;
  readonly note: (text: string) => void;
  /** Longest pause between two looks at what another process took, ms. */
  readonly lookMs?: number;
}

const REFUSED = 'refused.json';

/**
 * Declarations that change as a whole or not at all. What was taken lies on disk with the generation before it, and every process that
 * shares the disk follows it. A folder that is broken or half saved at a start is told of, and the last good declarations are served.
 *
 * @throws InvalidInput with every mistake, where nothing good is kept
 */
export async function openLiveConfiguration(options: LiveConfigurationOptions): Promise<LiveConfiguration> {
  const { folder, keptIn, parse, against, note, lookMs = 250 } = options;
  mkdirSync(keptIn, { recursive: true });
  let generation = 0;
  let served: Declarations | undefined;
  let servedText = '';
  let mistakes: readonly string[] = [];

  async function take(number: number, text: string, declarations: Declarations): Promise<void> {
    if (number > generation) await saveGeneration(keptIn, { number, text });
    [generation, servedText, served] = [number, text, declarations];
  }

  /** What another process took or refused since. */
  async function look(): Promise<void> {
    const { newest, damaged } = await readGenerations(keptIn);
    for (const path of damaged) note(`${path} is damaged: the declarations before it are used`);
    if (newest !== undefined && newest.number > generation) {
      const result = await parse(JSON.parse(newest.text) as SourceFile[]);
      if (result.ok) [generation, servedText, served] = [newest.number, newest.text, result.declarations];
      else throw new InvalidInput(result.errors.map(formatDeclarationError).join('\n'));
    }
    mistakes = JSON.parse((await readSealed(join(keptIn, REFUSED))) ?? '[]');
  }

  async function tell(found: readonly string[]): Promise<void> {
    mistakes = found;
    await writeSealed(join(keptIn, REFUSED), JSON.stringify(found)).catch(() => {});
  }

  async function readFolder(): Promise<Reload> {
    let sources: readonly SourceFile[];
    try {
      sources = await readSources(folder);
    } catch (error) {
      if (error instanceof InvalidInput) return { ok: false, mistakes: [error.message] };
      throw error;
    }
    const text = JSON.stringify(sources);
    if (text === servedText) return { ok: true, version: served!.version, changed: false };
    const result = await parse(sources);
    if (!result.ok) return { ok: false, mistakes: result.errors.map(formatDeclarationError) };
    const broken = served === undefined ? [] : against(served, result.declarations);
    if (broken.length > 0) return { ok: false, mistakes: broken };
    await take(generation + 1, text, result.declarations);
    return { ok: true, version: result.declarations.version, changed: true };
  }

  let work: Promise<unknown> = Promise.resolve();
  /** One after the other. */
  function next<T>(run: () => Promise<T>): Promise<T> {
    const result = work.then(run);
    work = result.catch(() => {});
    return result;
  }

  await look().catch((error: Error) => note(`what is kept in ${keptIn} cannot be used: ${error.message}`));
  if (options.follow !== true || served === undefined) {
    const read = await readFolder();
    if (!read.ok && served === undefined) throw new InvalidInput(read.mistakes.join('\n'));
    if (!read.ok) {
      note(`${folder} is refused:\n  ${read.mistakes.join('\n  ')}`);
      note(`The last good declarations are served (${served!.version}).`);
    }
    await tell(read.ok ? [] : read.mistakes);
  }

  const quietly = (): void => void next(look).catch(() => {});
  const watcher = watch(keptIn, quietly);
  watcher.on('error', () => {});
  const timer = setInterval(quietly, lookMs);
  return {
    current: () => served!,
    reload: () =>
      next(async () => {
        await look();
        const read = await readFolder();
        await tell(read.ok ? [] : read.mistakes);
        if (!read.ok)
          note(`${folder} is refused, ${served!.version} stays:\n  ${read.mistakes.join('\n  ')}`);
        else if (read.changed) note(`Declarations ${read.version} are served from now on.`);
        return read;
      }),
    refused: () => mistakes,
    stats: () => ({ generation, refused: mistakes.length > 0 }),
    close() {
      clearInterval(timer);
      watcher.close();
    },
  };
}
