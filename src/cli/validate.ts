import { stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type DeclarationError,
  formatDeclarationError,
  quoteDeclarationError,
} from '../declaration/errors.ts';
import { parseDeclarations } from '../declaration/parse.ts';
import { readSources } from '../files/declarations.ts';
import { stageDefinitions } from '../variants/registry.ts';

/** The outcome of one run of `validate`, as `--json` prints it. */
export interface Validation {
  readonly schema: 'screentest/validation/v1';
  readonly ok: boolean;
  /** Declaration files read. */
  readonly files: number;
  readonly errors: readonly DeclarationError[];
}

/**
 * Checks folders of declarations whole. Where single files are named, they are checked together with the folder they
 * lie in (its metrics, layers, surfaces and other experiments), and only the errors they take part in are told.
 */
export async function validate(
  paths: readonly string[],
): Promise<Validation & { texts: Map<string, string> }> {
  const chosen = new Map<string, Set<string> | 'all'>();
  for (const path of paths.length === 0 ? ['experiments'] : paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new Error(`${path}: there is no such file or folder; check the path`);
    const folder = found.isDirectory() ? path : dirname(path);
    const already = chosen.get(folder);
    if (found.isDirectory() || already === 'all') chosen.set(folder, 'all');
    else chosen.set(folder, (already ?? new Set<string>()).add(resolve(path)));
  }
  const texts = new Map<string, string>();
  const errors: DeclarationError[] = [];
  for (const [folder, files] of chosen) {
    const sources = await readSources(folder);
    for (const source of sources) texts.set(source.path, source.text);
    const result = parseDeclarations(sources, stageDefinitions);
    if (result.ok) continue;
    const chosenFile = (file: string | undefined) =>
      files === 'all' || (file !== undefined && files.has(resolve(file)));
    errors.push(...result.errors.filter((error) => chosenFile(error.file) || chosenFile(error.related)));
  }
  return { schema: 'screentest/validation/v1', ok: errors.length === 0, files: texts.size, errors, texts };
}

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description('check declarations and tell every mistake at once (exit code 2 when there is one)')
    .argument('[files...]', 'files or folders; default: experiments/')
    .option('--json', 'one JSON document on stdout')
    .action(async (paths: string[], { json }: { json?: boolean }) => {
      let validation: Awaited<ReturnType<typeof validate>>;
      try {
        validation = await validate(paths);
      } catch (error) {
        process.stderr.write(`screentest: ${(error as Error).message}\n`);
        process.exitCode = 2;
        return;
      }
      const { texts, ...document } = validation;
      if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      else process.stderr.write(describeValidation(document, texts));
      if (!document.ok) process.exitCode = 2;
    });
}

function describeValidation({ files, errors }: Validation, texts: ReadonlyMap<string, string>): string {
  if (errors.length === 0) return `${files} declaration files, no mistakes\n`;
  const told = errors.map((error) => {
    const quote = quoteDeclarationError(error, texts.get(error.file) ?? '');
    const shown = { ...error, file: shorter(error.file) };
    return `${formatDeclarationError(shown)}\n${quote === '' ? '' : `${quote}\n`}`;
  });
  return `${told.join('\n')}\n${errors.length} mistake${errors.length === 1 ? '' : 's'} in ${files} declaration files\n`;
}

/** The path from here where that is shorter. */
function shorter(path: string): string {
  const near = relative('.', path);
  return near !== '' && near.length < path.length ? near : path;
}
