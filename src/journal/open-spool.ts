import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takeFolder } from '../files/folder-owner.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { type JournalOptions, openJournal } from './journal.ts';
import { segmentsOf } from './segments.ts';
import { createSpooledLog, type LogTarget, type SpooledLog, type SpoolOptions } from './spooled-log.ts';

/** Processes that may write below one folder at once. */
const MOST_PROCESSES = 256;

/**
 * The spooled log of this process, in the first folder below `base` that no living process has. What processes that ended
 * left in theirs is handed on as well, in the background.
 *
 * @throws when every folder is taken, or the folder cannot be written to
 */
export async function openSpool(
  base: string,
  target: LogTarget,
  options: SpoolOptions & { readonly journal?: JournalOptions } = {},
): Promise<SpooledLog> {
  await mkdir(base, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInput(
      `${base}: cannot keep a journal (${error.code}); give it a folder it may write to`,
    );
  });
  for (let place = 0; place < MOST_PROCESSES; place++) {
    const free = await take(base, place);
    if (free === undefined) continue;
    const log = createSpooledLog(target, await openJournal(free.folder, options.journal), options);
    const stop = new AbortController();
    const left = handOnWhatIsLeft(base, place, target, options, stop.signal).catch((error: Error) =>
      options.onChange?.('down', error),
    );
    return {
      ...log,
      async close() {
        stop.abort();
        await left;
        await log.close();
        await free.giveBack();
      },
    };
  }
  throw new Error(`${base}: ${MOST_PROCESSES} processes write below it; give this one another folder`);
}

async function take(
  base: string,
  place: number,
): Promise<{ readonly folder: string; readonly giveBack: () => Promise<void> } | undefined> {
  const folder = join(base, String(place));
  try {
    return { folder, giveBack: await takeFolder(join(base, `${place}.owner`), folder) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    return undefined;
  }
}

/** Folders of processes that ended: what they hold is written to the target, however long that takes; at the stop the rest stays for the next start. */
async function handOnWhatIsLeft(
  base: string,
  own: number,
  target: LogTarget,
  options: SpoolOptions,
  stop: AbortSignal,
): Promise<void> {
  const places = (await readdir(base)).filter((name) => /^\d+$/.test(name)).map(Number);
  const stopped = once(stop, 'abort');
  for (const place of places) {
    if (stop.aborted) return;
    if (place === own || (await segmentsOf(join(base, String(place)))).length === 0) continue;
    const free = await take(base, place);
    if (free === undefined) continue;
    // Closing it must not close the target, which others write to.
    const log = createSpooledLog(
      { ...target, close: async () => {} },
      await openJournal(free.folder),
      // Nothing is sent to it, so no id is asked for.
      { ...options, rememberIds: 1 },
    );
    await Promise.race([log.flush(LONGEST_TIMER_MS), stopped]);
    await log.close();
    await free.giveBack();
  }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
