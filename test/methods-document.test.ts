import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDeclarationError } from '../src/declaration/errors.ts';
import { parseDeclarations } from '../src/declaration/parse.ts';
import { readSources } from '../src/files/declarations.ts';
import { METHODS } from '../src/methods/methods.ts';
import { stageDefinitions } from '../src/variants/registry.ts';

const root = join(import.meta.dirname, '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const methods = text('docs/methods.md');
const quoted = new Set([...methods.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!));

describe('docs/methods.md', () => {
  it('names every method of stats', () => {
    expect(METHODS.map(({ name }) => name).filter((name) => !quoted.has(name))).toEqual([]);
  });

  it('names only files that exist', () => {
    const paths = [...quoted].filter((name) => /^(src|test|docs)\//.test(name));
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const table = methods.slice(methods.indexOf('## Where each method is'));
    const files = [...table.matchAll(/`([\w-]+\.ts)`/g)].map((match) => match[1]!);
    const known = new Set(
      ['src/analysis', 'test/analysis']
        .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
        .map((path) => basename(path)),
    );
    expect(files.filter((file) => !known.has(file))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const anchorOf = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-');
    const anchors = [...methods.matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));
    const links = [...methods.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});

it("the guide's analysis block is valid in the guide's experiment", async () => {
  const blocks = [...text('docs/guide.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
  const example = blocks.find((block) => block.includes('\nkey: '))!;
  const analysis = blocks.find((block) => block.includes('exploratory:'))!;
  const shared = (await readSources(join(root, 'experiments'))).filter(({ path }) =>
    /(metrics|layers|surfaces)\.yaml$/.test(path),
  );
  const merged = `${example.replace(/^analysis:\n(?: .*\n)+/m, '')}${analysis}`;
  const result = parseDeclarations([...shared, { path: 'guide.yaml', text: merged }], stageDefinitions);
  expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
});
