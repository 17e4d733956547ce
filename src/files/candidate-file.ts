import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type CandidatePlan, type CandidateTarget, planDifference } from '../ranking/candidate-plan.ts';
import type { PackedCandidateStore, PackedLists } from '../ranking/viewer.ts';
import { InvalidInput } from './invalid-input.ts';

const MAGIC = 'SCLISTS1';
/** Bytes of the users' ids, of the ends, of the lists, and the CRC-32 of all three; u32 each. */
const HEAD = 16;
const WHOLE = 'candidates.bin';
const PART = 'candidates.part';

/** One commit as it is read back. */
interface Chunk {
  readonly users: readonly string[];
  readonly packed: PackedLists;
  /** Where the next one starts. */
  readonly end: number;
}

interface Opened {
  readonly file: FileHandle;
  readonly plan: CandidatePlan;
  /** Where the first chunk starts. */
  readonly start: number;
}

/**
 * Candidate lists in a folder, chunk after chunk in one file that only grows. A chunk counts when all of it is there and its
 * checksum is right, so the file is its own checkpoint. Until the last chunk it is called candidates.part.
 */
export function createCandidateFile(folder: string): CandidateTarget {
  const part = join(folder, PART);
  let file: FileHandle | undefined;
  let at = 0;
  let users = 0;
  let bytes = 0;
  return {
    name: join(folder, WHOLE),
    async begin(plan, resume) {
      if (resume) {
        for (const path of [part, join(folder, WHOLE)]) {
          const found = await openLists(path, 'r+');
          if (found === undefined) continue;
          file = found.file;
          const difference = planDifference(found.plan, plan);
          if (difference !== undefined)
            throw new InvalidInput(
              `${path} was begun with other settings (${difference}); run without --resume to begin anew`,
            );
          at = found.start;
          for (;;) {
            const chunk = await readChunk(file, at);
            if (chunk === undefined) break;
            at = chunk.end;
            users += chunk.users.length;
            bytes += chunk.packed.bytes.length;
          }
          await file.truncate(at);
          return users;
        }
      }
      file = await open(part, 'w+');
      const text = Buffer.from(JSON.stringify(plan));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      at = await append(file, 0, [Buffer.from(MAGIC), length, text]);
      return 0;
    },
    async commit(ids, packed) {
      const parts = [
        Buffer.from(JSON.stringify(ids)),
        Buffer.from(packed.ends.buffer, packed.ends.byteOffset, packed.ends.byteLength),
        packed.bytes,
      ];
      const head = Buffer.alloc(HEAD);
      parts.forEach((one, place) => {
        head.writeUInt32LE(one.byteLength, 4 * place);
      });
      head.writeUInt32LE(checksum(parts), 12);
      at = await append(file!, at, [head, ...parts]);
      users += ids.length;
      bytes += packed.bytes.length;
    },
    async finish() {
      await file!.datasync();
      await rename(part, join(folder, WHOLE)).catch((error: NodeJS.ErrnoException) => {
        // Resumed after the last commit: it has its name already.
        if (error.code !== 'ENOENT') throw error;
      });
      return { users, bytes, bytesPerUserInStore: users === 0 ? 0 : at / users };
    },
    async close() {
      await file?.close();
    },
  };
}

/**
 * Puts the lists of a folder into a store, when they were made with these models.
 *
 * @returns for how many users; 0 where the folder has none, or those of other models
 */
export async function loadCandidateFile(
  folder: string,
  modelsVersion: string,
  store: PackedCandidateStore,
): Promise<number> {
  const found = await openLists(join(folder, WHOLE), 'r');
  if (found === undefined) return 0;
  const { file, plan } = found;
  try {
    if (plan.modelsVersion !== modelsVersion) return 0;
    let users = 0;
    for (let at = found.start; ; ) {
      const chunk = await readChunk(file, at);
      if (chunk === undefined) return users;
      await store.putPacked(modelsVersion, chunk.users, chunk.packed);
      users += chunk.users.length;
      at = chunk.end;
    }
  } finally {
    await file.close();
  }
}

/** Undefined where there is no such file, or none with a whole plan. */
async function openLists(path: string, flags: 'r' | 'r+'): Promise<Opened | undefined> {
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const head = await read(file, 0, MAGIC.length + 4);
  if (head !== undefined && head.toString('latin1', 0, MAGIC.length) === MAGIC) {
    const length = head.readUInt32LE(MAGIC.length);
    const text = await read(file, head.length, length);
    if (text !== undefined)
      return { file, plan: JSON.parse(text.toString()) as CandidatePlan, start: head.length + length };
  }
  await file.close();
  return undefined;
}

async function readChunk(file: FileHandle, at: number): Promise<Chunk | undefined> {
  const head = await read(file, at, HEAD);
  if (head === undefined) return undefined;
  const [idBytes, endBytes, listBytes] = [head.readUInt32LE(0), head.readUInt32LE(4), head.readUInt32LE(8)];
  const body = await read(file, at + HEAD, idBytes + endBytes + listBytes);
  if (body === undefined || checksum([body]) !== head.readUInt32LE(12)) return undefined;
  return {
    users: JSON.parse(body.toString('utf8', 0, idBytes)) as string[],
    packed: {
      // A copy, as numbers of 32 bits start at multiples of four.
      ends: new Uint32Array(Uint8Array.from(body.subarray(idBytes, idBytes + endBytes)).buffer),
      bytes: body.subarray(idBytes + endBytes),
    },
    end: at + HEAD + body.length,
  };
}

/** Undefined where the file ends before. */
async function read(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const { size } = await file.stat();
  if (at + length > size) return undefined;
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return bytes;
}

async function append(file: FileHandle, at: number, parts: readonly Uint8Array[]): Promise<number> {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const { bytesWritten } = await file.writev(parts as Uint8Array[], at);
  if (bytesWritten !== length)
    throw new Error(`only ${bytesWritten} of ${length} bytes of the lists were written: is the disk full?`);
  return at + length;
}

function checksum(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}
