import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { DeclarationError } from './errors.ts';
import { refuseHostileYaml } from './limits.ts';
import type { SourceFile } from './source-file.ts';

export type YamlPath = readonly (string | number)[];

/** A parsed YAML file that knows where everything in it stands. */
export interface YamlFile {
  readonly path: string;
  readonly text: string;
  /** Plain data. */
  readonly value: unknown;
  /** An error at the value of a path, or at the nearest thing above it that exists. */
  errorAt(path: YamlPath, problem: string, mend: string, related?: string): DeclarationError;
  /** An error at the key that ends a path. */
  errorAtKey(path: YamlPath, problem: string, mend: string): DeclarationError;
  /** `file:line` of a path. */
  place(path: YamlPath): string;
}

/** Parses one file; with errors, there is no value. */
export function parseYaml(source: SourceFile): { file?: YamlFile; errors: DeclarationError[] } {
  const hostile = refuseHostileYaml(source);
  if (hostile !== undefined) return { errors: [hostile] };

  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const at = (offset: number, path: YamlPath, problem: string, mend: string, related?: string) => {
    const { line, col } = lines.linePos(offset);
    return {
      file: source.path,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: pathText(path),
      problem,
      mend,
      ...(related !== undefined && { related }),
    };
  };
  const errors = [...document.errors, ...document.warnings].map((error) =>
    error.code === 'DUPLICATE_KEY'
      ? at(error.pos[0], [], 'this key stands twice in one map', 'remove one of the two')
      : at(error.pos[0], [], `is not YAML that can be read: ${error.message}`, 'mend the YAML here'),
  );
  if (errors.length > 0) return { errors };

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const bomb = error instanceof ReferenceError && error.message.includes('alias count');
    const problem = bomb
      ? `its aliases expand to more than ${MAX_ALIASES} copies`
      : `is not YAML that can be read: ${(error as Error).message}`;
    return { errors: [at(0, [], problem, 'write the values out instead of using aliases')] };
  }

  const offsetOf = (path: YamlPath, key: boolean) => offset(document, path, key);
  const file: YamlFile = {
    ...source,
    value,
    errorAt: (path, problem, mend, related) => at(offsetOf(path, false), path, problem, mend, related),
    errorAtKey: (path, problem, mend) => at(offsetOf(path, true), path, problem, mend),
    place: (path) => `${source.path}:${lines.linePos(offsetOf(path, false)).line}`,
  };
  return { file, errors: [] };
}

const MAX_ALIASES = 100;

function pathText(path: YamlPath): string {
  return path
    .map((segment) => (/^\d+$/.test(String(segment)) ? `[${segment}]` : `.${segment}`))
    .join('')
    .replace(/^\./, '');
}

/** Where a path's value (or its key) begins; where the path ends early, the last key that exists. */
function offset(document: Document, path: YamlPath, wantKey: boolean): number {
  let node: unknown = document.contents;
  let found = start(node) ?? 0;
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
      if (pair === undefined) return found;
      const key = start(pair.key) ?? found;
      // A block collection begins on the line below its key: the key is the better place to look.
      const inline =
        isScalar(pair.value) || isAlias(pair.value) || (pair.value as Node & { flow?: boolean })?.flow;
      found = (last && wantKey) || !inline ? key : (start(pair.value) ?? key);
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)];
      if (item === undefined) return found;
      found = start(item) ?? found;
      node = item;
    } else return found;
  }
  return found;
}

function start(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
