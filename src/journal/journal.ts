import { writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { FRAME_HEADER, frame, MAX_PAYLOAD, readFrames } from './frame.ts';
import { createSegmentReader } from './segment-reader.ts';
import {
  type Position,
  readCursor,
  removeSegment,
  segmentPath,
  segmentsOf,
  syncFolder,
  writeCursor,
} from './segments.ts';

export interface JournalOptions {
  /** A segment that has grown past it is closed and a new one begun. */
  readonly segmentBytes?: number;
  /** Bytes that may wait to be handed on; more are refused. */
  readonly maxBytes?: number;
  /** Bytes that may wait in memory for the disk; more are refused. */
  readonly maxQueued?: number;
  /** How often it is written up to where records were handed on, ms: after a crash those of so long are handed on again. */
  readonly cursorMs?: number;
}

/** Nothing of the refused records is certain to be kept. `full`: try later; `failed`: this process cannot write any more. */
export class JournalUnavailable extends Error {
  readonly code: 'full' | 'failed' | 'closed';

  constructor(code: JournalUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalUnavailable';
    this.code = code;
  }
}

export interface JournalStats {
  /** Records made durable since the start. */
  readonly records: number;
  readonly syncs: number;
  /** Bytes that are durable and not yet handed on. */
  readonly waiting: number;
  /** Bytes at the ends of segments that could not be read. */
  readonly damaged: number;
  /** Bytes in memory that wait for the disk. */
  readonly queued: number;
  /** Records that were not taken since the start: too many bytes wait, or the disk is full or broken. */
  readonly notTaken: number;
  readonly failed: boolean;
}

/** Records handed on together; `end` confirms them. */
export interface JournalBatch {
  readonly payloads: readonly Buffer[];
  readonly end: Position;
}

/**
 * Records kept on the local disk until they are handed on. A folder has one writer.
 *
 * What is appended while the disk is busy shares the next sync (group commit). Every start begins a segment of its own, so
 * that nothing is ever written after a torn end. After a failed sync nothing is acknowledged any more: the kernel may have
 * dropped the pages and would then report success.
 */
export interface Journal {
  /** Durable on resolve. Rejects with JournalUnavailable. */
  append(payload: Uint8Array): Promise<void>;
  /** The oldest records not confirmed, about `bytes` of them; undefined where there are none. */
  read(bytes: number): Promise<JournalBatch | undefined>;
  /** Everything before `end` was handed on and may be forgotten. A crash soon after may forget that. */
  confirm(end: Position): Promise<void>;
  /** Where the next record will stand. */
  end(): Position;
  stats(): JournalStats;
  close(): Promise<void>;
}

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: Error): void;
}

export async function openJournal(folder: string, options: JournalOptions = {}): Promise<Journal> {
  const { segmentBytes = 64 * 2 ** 20, maxBytes = 4 * 2 ** 30 } = options;
  const { maxQueued = 64 * 2 ** 20, cursorMs = 1_000 } = options;
  await mkdir(folder, { recursive: true });
  let cursor = await readCursor(folder);
  /** Durable length by segment; the last one is written to. */
  const lengths = new Map<number, number>();
  const count = { records: 0, syncs: 0, damaged: 0, notTaken: 0 };
  for (const segment of await segmentsOf(folder)) {
    if (segment < cursor.segment) {
      await removeSegment(folder, segment);
      continue;
    }
    const bytes = await readFile(segmentPath(folder, segment));
    // What was handed on is not read again: damage there costs nothing.
    const { end } = readFrames(bytes, segment === cursor.segment ? cursor.offset : 0);
    lengths.set(segment, end);
    count.damaged += Math.max(0, bytes.byteLength - end);
  }
  let current = Math.max(0, cursor.segment, ...lengths.keys()) + 1;
  const reader = createSegmentReader(folder);
  let file: FileHandle | undefined;
  let queue: Waiting[] = [];
  let queued = 0;
  /** Bytes that are being written. */
  let under = 0;
  let writing: Promise<void> | undefined;
  let failure: JournalUnavailable | undefined;
  let closed = false;

  const waiting = (): number => {
    let bytes = 0;
    for (const [segment, length] of lengths)
      bytes += segment === cursor.segment ? length - cursor.offset : length;
    return bytes;
  };

  async function beginSegment(): Promise<FileHandle> {
    const handle = await open(segmentPath(folder, current), 'ax');
    try {
      await syncFolder(folder);
    } catch (error) {
      await handle.close();
      await removeSegment(folder, current);
      throw error;
    }
    lengths.set(current, 0);
    return handle;
  }

  /** Writes and syncs what waits, until nothing does. */
  async function work(): Promise<void> {
    // What is appended in the same turn of the event loop shares a sync.
    await new Promise((turn) => setImmediate(turn));
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      under = queued;
      queued = 0;
      try {
        await store(batch);
        for (const entry of batch) entry.resolve();
      } catch (error) {
        const refusal =
          error instanceof JournalUnavailable
            ? error
            : new JournalUnavailable(
                'full',
                `${folder}: ${(error as Error).message}; make room on the disk`,
                {
                  cause: error,
                },
              );
        count.notTaken += batch.length;
        for (const entry of batch) entry.reject(refusal);
      }
      under = 0;
    }
    // At once, not when the promise settles: whoever was told now may append before that.
    writing = undefined;
  }

  async function store(batch: readonly Waiting[]): Promise<void> {
    if (failure) throw failure;
    file ??= await beginSegment();
    const durable = lengths.get(current)!;
    const bytes = batch.length === 1 ? batch[0]!.bytes : Buffer.concat(batch.map((entry) => entry.bytes));
    try {
      // Not by a thread: to wake one costs more than to copy the bytes to the kernel. The sync, which waits for the disk, is.
      for (let from = 0; from < bytes.byteLength; ) from += writeSync(file.fd, bytes, from);
    } catch (error) {
      // What was written of it must not stand before later records.
      await file.truncate(durable).catch((cause: unknown) => fail('cannot be cut', cause));
      // On a full disk it is this segment that takes the room: closed, it can be removed once it was handed on.
      if (durable > 0) await nextSegment();
      throw error;
    }
    await file.datasync().catch((cause: unknown) => fail('cannot be synced', cause));
    lengths.set(current, durable + bytes.byteLength);
    count.records += batch.length;
    count.syncs++;
    if (durable + bytes.byteLength >= segmentBytes) await nextSegment();
  }

  function fail(what: string, cause: unknown): never {
    failure = new JournalUnavailable(
      'failed',
      `${segmentPath(folder, current)} ${what} (${(cause as Error).message}): check the disk and start again`,
      { cause },
    );
    throw failure;
  }

  async function nextSegment(): Promise<void> {
    const full = file;
    file = undefined;
    current++;
    await full?.close();
  }

  let written = cursor;
  let moving: Promise<void> | undefined;
  let due: NodeJS.Timeout | undefined;

  /** A full disk must not stop what empties it: a place that was not written costs a repetition after a crash. */
  async function keepCursor(): Promise<void> {
    due = undefined;
    await moving;
    if (written === cursor) return;
    written = cursor;
    moving = writeCursor(folder, written).catch(() => {});
    await moving;
  }

  function moveTo(place: Position): void {
    cursor = place;
    due ??= setTimeout(keepCursor, cursorMs).unref();
  }

  function refuse(why: Error): Promise<never> {
    count.notTaken++;
    return Promise.reject(why);
  }

  return {
    append(payload) {
      if (closed) return refuse(new JournalUnavailable('closed', `${folder}: the journal is closed`));
      if (failure) return refuse(failure);
      if (payload.byteLength > MAX_PAYLOAD)
        return refuse(
          new RangeError(`a record of ${payload.byteLength} bytes; at most ${MAX_PAYLOAD} can be kept`),
        );
      const size = FRAME_HEADER + payload.byteLength;
      if (waiting() + queued + under + size > maxBytes)
        return refuse(
          new JournalUnavailable('full', `${folder}: ${maxBytes} bytes wait to be handed on, no more may`),
        );
      if (queued + under > 0 && queued + under + size > maxQueued)
        return refuse(
          new JournalUnavailable('full', `${folder}: ${maxQueued} bytes wait for the disk, no more may`),
        );
      return new Promise((resolve, reject) => {
        queue.push({ bytes: frame(payload), resolve, reject });
        queued += size;
        writing ??= work();
      });
    },
    async read(bytes) {
      for (;;) {
        const length = lengths.get(cursor.segment) ?? 0;
        if (cursor.offset < length) {
          const part = await reader.read(cursor.segment, cursor.offset, length, bytes);
          const { payloads, end } = readFrames(part, 0, bytes);
          if (payloads.length > 0)
            return { payloads, end: { segment: cursor.segment, offset: cursor.offset + end } };
          // Damaged after it was made durable: what follows in this segment is lost, and counted.
          count.damaged += length - cursor.offset;
          lengths.set(cursor.segment, cursor.offset);
        }
        const old = cursor.segment;
        const later = [...lengths.keys()].find((segment) => segment > old);
        const next = later ?? (lengths.has(old) && old < current ? current : undefined);
        if (next === undefined) return undefined;
        // The segment was read to its end and is not written to any more.
        moveTo({ segment: next, offset: 0 });
        lengths.delete(old);
        await reader.close();
        await removeSegment(folder, old);
      }
    },
    async confirm(end) {
      moveTo(end);
    },
    end: () => ({ segment: current, offset: (lengths.get(current) ?? 0) + under + queued }),
    stats: () => ({ ...count, waiting: waiting(), queued: queued + under, failed: failure !== undefined }),
    async close() {
      closed = true;
      while (writing) await writing;
      clearTimeout(due);
      await keepCursor();
      await reader.close();
      await file?.close();
      file = undefined;
    },
  };
}
