import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParseResult, parseDeclarations } from '../declaration/parse.ts';
import type { SourceFile } from '../declaration/source-file.ts';
import { stageDefinitions } from '../variants/registry.ts';
import { InvalidInput } from './invalid-input.ts';

/** The YAML files of a folder (not of folders in it), by name. Rejects, naming the folder, when it cannot be read. */
export async function readSources(folder: string): Promise<SourceFile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidInput(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${folder}: is not a folder; name the folder that holds the experiments and metrics.yaml`
        : `${folder}: cannot be read (${code}); check its permissions`,
    );
  }
  const yaml = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(
    yaml.map(async (name) => {
      const path = join(folder, name);
      return { path, text: await readFile(path, 'utf8') };
    }),
  );
}

/** Reads and checks all declarations of a folder. */
export async function readDeclarations(folder: string): Promise<ParseResult> {
  return parseDeclarations(await readSources(folder), stageDefinitions);
}
