import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BYTES, MAX_DEPTH } from '../../src/declaration/limits.ts';
import { parseYaml } from '../../src/declaration/yaml.ts';
import { errorsOf, FILES } from './texts.ts';

const errorOf = (text: string) => errorsOf([['ranker.yaml', FILES['ranker.yaml']!, text]]);
const TOO_DEEP = `is nested too deeply; nest at most ${MAX_DEPTH} levels`;

describe('files that could bring the process down are refused before they are parsed', () => {
  it.each([
    ['brackets', 'a: '.padEnd(200_000, '['), '1:44'],
    ['braces', '{a: '.repeat(50_000), '1:161'],
    ['brackets that text seems to close', '[ "]", '.repeat(30_000), '1:281'],
    ['brackets that a comment seems to close', '[ # ]\n'.repeat(30_000), '41:1'],
    ['dashes', '- '.repeat(100_000), '1:81'],
    ['question marks', '? '.repeat(100_000), '1:81'],
    ['indentation', Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), '122:1'],
  ])('%s', (_, text, place) => {
    expect(errorOf(text)).toEqual([`ranker.yaml:${place}: ${TOO_DEEP}`]);
  });

  it('a file that is too large', () => {
    expect(errorOf('x'.repeat(300_000))).toEqual([
      `ranker.yaml:1:1: has 300000 bytes; keep a declaration file under ${MAX_BYTES} bytes`,
    ]);
    expect(errorOf('é'.repeat(140_000))[0]).toContain('has 280000 bytes');
  });

  it('aliases that multiply', () => {
    const levels = 'bcdefghi'
      .split('')
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]`);
    expect(errorOf(`a: &a [x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}`)).toEqual([
      'ranker.yaml:1:1: its aliases expand to more than 100 copies; write the values out instead of using aliases',
    ]);
  });

  it('an alias of nothing', () => {
    expect(errorOf('a: *nobody')[0]).toMatch(/^ranker\.yaml:1:\d+: is not YAML that can be read: /);
  });
});

describe('files that only look dangerous are read', () => {
  it.each([
    ['brackets in quoted text', `a: "${'['.repeat(500)}"`],
    ['brackets in block text', `a: |\n  ${'['.repeat(500)}\n`],
    ['brackets in a comment', `a: 1 # ${'['.repeat(500)}\n`],
    ['many short lists', `a:\n${'  - [1, [2]]\n'.repeat(500)}`],
    ['long dashes', `a: x ${'- '.repeat(100)}b`],
    ['a deep indent of text', `a: |\n${' '.repeat(200)}text\n`],
  ])('%s', (_, text) => {
    expect(parseYaml({ path: 'x.yaml', text }).errors).toEqual([]);
  });

  it('an alias that is used once', () => {
    const aliased = FILES['ranker.yaml']!.replace('weight: 50', 'weight: &half 50').replace(
      'weight: 50',
      'weight: *half',
    );
    expect(errorOf(aliased)).toEqual([]);
  });
});

describe('broken YAML', () => {
  it.each([
    ['an open list', 'a: [1', /^ranker\.yaml:1:\d+: is not YAML that can be read: /],
    ['a tab for an indent', 'a:\n\tb: 1', /^ranker\.yaml:2:1: is not YAML that can be read: /],
    [
      'an unknown tag',
      'a: !!js/function "x"',
      /^ranker\.yaml:1:4: is not YAML that can be read: Unresolved tag/,
    ],
    ['two documents', 'a: 1\n---\nb: 2', /^ranker\.yaml:2:1: is not YAML that can be read: /],
    [
      'a key named __proto__',
      `${FILES['ranker.yaml']}__proto__: {owner: x}\n`,
      /^ranker\.yaml:29:1 __proto__: is not a known key/,
    ],
  ])('%s', (_, text, error) => {
    expect(errorOf(text)[0]).toMatch(error);
  });
});

describe('whatever is written, there is an answer', () => {
  const files = Object.keys(FILES);
  const damage = fc.record({
    file: fc.constantFrom(...files),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    cut: fc.integer({ min: 0, max: 30 }),
    put: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('[', '{', ': ', '\n- ', '*a', '&a ', '!!x ', '"', '\n---\n'),
    ),
  });

  it('and every error has a place in a file', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (all) => {
        const texts: Record<string, string> = { ...FILES };
        for (const { file, at, cut, put } of all) {
          const from = Math.floor(texts[file]!.length * at);
          texts[file] = texts[file]!.slice(0, from) + put + texts[file]!.slice(from + cut);
        }
        for (const error of errorsOf([], texts))
          expect(error).toMatch(/^[a-z]+\.yaml:[1-9]\d*:[1-9]\d*( [^ ]|:)/);
      }),
      { numRuns: 150 },
    );
  });
});
