import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that belong together, with facts about them. */
export interface FileSet<Facts> {
  readonly facts: Facts;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A set of files that cannot be used: the message names the file and the mend. */
export class FileSetError extends Error {
  override readonly name = 'FileSetError';
}

interface Manifest<Facts> {
  readonly format: number;
  readonly facts: Facts;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const FORMAT = 1;
const MANIFEST = 'manifest.json';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Writes the files, then `manifest.json` with their sizes and checksums. Each appears under its name only when it is whole;
 * a set is valid only with the manifest of its own files, so a crash leaves the old set or one that is refused.
 */
export async function writeFileSet<Facts>(
  folder: string,
  facts: Facts,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = [...files].map(([name, bytes]) => [
    name,
    { bytes: bytes.byteLength, sha256: sha256(bytes) },
  ]);
  const manifest: Manifest<Facts> = { format: FORMAT, facts, files: Object.fromEntries(entries) };
  for (const [name, bytes] of files) await replace(join(folder, name), bytes);
  await replace(join(folder, MANIFEST), Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
}

/**
 * Reads a set and checks every file against the manifest.
 *
 * @param mend what to do about a damaged set, as an imperative
 * @throws FileSetError when a file is missing, truncated or changed, or the manifest is of another format
 */
export async function readFileSet<Facts>(folder: string, mend: string): Promise<FileSet<Facts>> {
  const path = join(folder, MANIFEST);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new FileSetError(`${path}: ${reason(error)}; ${mend}`, { cause: error });
  });
  let manifest: Manifest<Facts>;
  try {
    manifest = JSON.parse(text) as Manifest<Facts>;
  } catch (cause) {
    throw new FileSetError(`${path}: is not JSON (${(cause as Error).message}); ${mend}`, { cause });
  }
  if (manifest.format !== FORMAT)
    throw new FileSetError(
      `${path}: format ${manifest.format}; this program reads format ${FORMAT}; ${mend}`,
    );
  const files = new Map<string, Buffer>();
  for (const [name, { bytes: size, sha256: checksum }] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new FileSetError(`${file}: ${reason(error)}; ${mend}`, { cause: error });
    });
    if (bytes.byteLength !== size)
      throw new FileSetError(`${file}: ${bytes.byteLength} bytes, the manifest says ${size}; ${mend}`);
    if (sha256(bytes) !== checksum)
      throw new FileSetError(`${file}: its checksum is not that of the manifest; ${mend}`);
    files.set(name, bytes);
  }
  return { facts: manifest.facts, files };
}

function reason(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.message})`;
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}
