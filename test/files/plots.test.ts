import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readPlots } from '../../src/files/plots.ts';

const base = mkdtempSync(join(tmpdir(), 'screentest-plots-'));
afterAll(() => rmSync(base, { recursive: true }));

let folders = 0;
function folderOf(files: Record<string, string | Buffer>): string {
  const folder = join(base, `set-${folders++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const film = (fields: object): string =>
  `${JSON.stringify({ title: 'One', year: 2001, cast: [], genres: [], href: null, ...fields })}\n`;

test('reads cast, text and directors; an article counts once', async () => {
  const lines =
    film({ cast: ['Ann Lee'], extract: 'A rocket is lost.', href: 'One' }) +
    film({ title: 'One again', href: 'One' }) +
    film({ year: 2002, href: 'One' }) +
    '\n' +
    film({ extract: null });
  const expected = [
    { name: 'One', year: 2001, people: ['Ann Lee'], text: 'A rocket is lost.' },
    { name: 'One', year: 2002, people: [], text: '' },
    { name: 'One', year: 2001, people: [], text: '' },
  ];
  expect(await readPlots(folderOf({ 'movies.jsonl': lines }))).toEqual(expected);
  expect(await readPlots(folderOf({ 'movies.jsonl.gz': gzipSync(lines) }))).toEqual(expected);
});

test.each<[string, string[]]>([
  ['directed by Ang Lee. It opened', ['Ang Lee']],
  ['directed by Ethan Coen and Joel Coen, starring Ann Lee', ['Ethan Coen', 'Joel Coen']],
  [
    'Directed by A. B. Cee, Dee Eff, and Robert Downey Sr. in Rome',
    ['A. B. Cee', 'Dee Eff', 'Robert Downey Sr.'],
  ],
  ['directed by Guillermo del Toro from a script', ['Guillermo del Toro']],
  ['directed by Alfonso Cuarón', ['Alfonso Cuarón']],
  ['directed by its star', []],
])('%s', async (extract, people) => {
  const [plot] = await readPlots(folderOf({ 'movies.jsonl': film({ extract: `A film ${extract}.` }) }));
  expect(plot!.people).toEqual(people);
});

const whole = gzipSync(film({}).repeat(50));
test.each<[string, Record<string, string | Buffer>, RegExp]>([
  ['no file', {}, /movies\.jsonl: is missing; put movies\.jsonl or movies\.jsonl\.gz there/],
  ['an empty file', { 'movies.jsonl': '' }, /movies\.jsonl: has no films/],
  ['a line that is not JSON', { 'movies.jsonl': `${film({})}{"title"\n` }, /movies\.jsonl:2: is not JSON/],
  ['no object', { 'movies.jsonl': 'null\n' }, /movies\.jsonl:1: expected \{"title"/],
  ['a year that is no number', { 'movies.jsonl': film({ year: '2001' }) }, /movies\.jsonl:1: expected/],
  ['a cast that is no list of names', { 'movies.jsonl': film({ cast: [1] }) }, /movies\.jsonl:1: expected/],
  [
    'a truncated archive',
    { 'movies.jsonl.gz': whole.subarray(0, whole.length - 9) },
    /movies\.jsonl\.gz: cannot be read \(.*\); it may be truncated/,
  ],
  ['no archive', { 'movies.jsonl.gz': film({}) }, /movies\.jsonl\.gz: cannot be read/],
])('%s is an error that names file, line and mend', async (_, files, message) => {
  await expect(readPlots(folderOf(files))).rejects.toThrow(message);
});
