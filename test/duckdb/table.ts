import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAnalysisSpec } from '../../src/declaration/parse-analysis-spec.ts';
import { analyzeFile, type FileAnswer } from '../../src/duckdb/analyze-file.ts';
import { openEngine } from '../../src/duckdb/open.ts';

/** A folder for a test's files. */
export async function scratch() {
  const folder = await mkdtemp(join(tmpdir(), 'screentest-test-'));
  return {
    file: async (name: string, content: string | Uint8Array) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    path: (name: string) => join(folder, name),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** Columns as CSV; null is an empty cell. */
export function csvOf(columns: Readonly<Record<string, readonly unknown[]>>): string {
  const names = Object.keys(columns);
  const rows = Object.values(columns)[0]?.map((_, i) =>
    names.map((name) => columns[name]?.[i] ?? '').join(','),
  );
  return `${[names.join(','), ...(rows ?? [])].join('\n')}\n`;
}

export async function answerFor(
  path: string,
  text: string,
  allowed: readonly string[] = [],
): Promise<FileAnswer> {
  const parsed = parseAnalysisSpec({ path: 'analysis.yaml', text });
  if (!parsed.ok) throw new Error(parsed.errors.map(({ problem }) => problem).join('; '));
  const engine = await openEngine();
  try {
    return await analyzeFile({
      path,
      spec: parsed.spec,
      file: parsed.file,
      allowed: new Set(allowed),
      phase: (_name, _unit, run) => run(() => {}),
      engine,
    });
  } finally {
    await engine.close();
  }
}

export async function documentFor(path: string, text: string, allowed: readonly string[] = []) {
  const answer = await answerFor(path, text, allowed);
  if (!answer.ok) throw new Error(answer.errors.map(({ problem }) => problem).join('; '));
  return answer.document;
}
