import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatDeclarationError } from '../src/declaration/errors.ts';
import { parseDeclarations } from '../src/declaration/parse.ts';
import { readSources } from '../src/files/declarations.ts';
import { stageDefinitions } from '../src/variants/registry.ts';

/** What the documents say is so: links lead somewhere, commands exist, examples are valid. */

const root = join(import.meta.dirname, '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(text('package.json')) as { scripts: Record<string, string> };

describe.each(documents)('%s', (document) => {
  test('links resolve', () => {
    const broken = [...text(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(root, dirname(document), link)));
    expect(broken).toEqual([]);
  });

  test('npm scripts and commands exist', () => {
    const scripts = [...text(document).matchAll(/npm (?:run )?(start|test|bench|run [a-z:]+)/g)].map(
      (match) => match[1]!.replace('run ', ''),
    );
    expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
    const verbs = [...text(document).matchAll(/npx screentest ([a-z]+)/g)].map((match) => match[1]!);
    expect(verbs.filter((verb) => !existsSync(join(root, 'src', 'cli', `${verb}.ts`)))).toEqual([]);
  });
});

test('the two lines that a newcomer needs stand at the top of the README', () => {
  const top = text('README.md').split('\n').slice(0, 20).join('\n');
  expect(top).toContain('npm ci && npm start');
  expect(top).toContain('npm ci && npm test');
});

describe('the guide', () => {
  const blocks = [...text('docs/guide.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);

  test('its experiment is valid beside the shipped metrics, layers and surfaces', async () => {
    const example = blocks.find((block) => block.includes('\nkey: '))!;
    const shared = (await readSources(join(root, 'experiments'))).filter(({ path }) =>
      /(metrics|layers|surfaces)\.yaml$/.test(path),
    );
    const result = parseDeclarations([...shared, { path: 'guide.yaml', text: example }], stageDefinitions);
    expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
  });

  test('its pipeline is valid as that of a surface', async () => {
    const pipeline = blocks.find((block) => block.startsWith('pipeline:'))!;
    const sources = (await readSources(join(root, 'experiments'))).map((source) =>
      source.path.endsWith('surfaces.yaml')
        ? {
            ...source,
            text: `${source.text.trimEnd()}\n  other:\n    slots: 20\n${pipeline.replaceAll(/^/gm, '    ')}`,
          }
        : source,
    );
    const result = parseDeclarations(sources, stageDefinitions);
    expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
  });

  test('its metric is valid at the end of the shipped catalogue', async () => {
    const metric = blocks.find((block) => block.includes('event: trailer'))!;
    const sources = (await readSources(join(root, 'experiments'))).map((source) =>
      source.path.endsWith('metrics.yaml')
        ? { ...source, text: `${source.text.trimEnd()}\n\n${metric}` }
        : source,
    );
    const result = parseDeclarations(sources, stageDefinitions);
    expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
  });
});

test('the models of the page on models of your own are valid beside the shipped declarations', async () => {
  const examples = [...text('docs/own-models.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    (match) => match[1]!,
  );
  const sources = await readSources(join(root, 'experiments'));
  const ranked = sources.map((source) => ({
    ...source,
    text: source.text.replace('{model: two-tower', '{model: watch-trees'),
  }));
  expect(examples).toHaveLength(2);
  examples.forEach((example, i) => {
    const models = { path: 'models.yaml', text: example };
    const result = parseDeclarations([...(i === 0 ? ranked : sources), models], stageDefinitions);
    expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
  });
  expect(ranked.some(({ text }) => text.includes('watch-trees'))).toBe(true);
});
