import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decide } from '../../src/cli/decide.ts';

const OPTIONS = { reason: 'a drill', by: 'ann', json: true };
const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });
let out: string;
let err: string;
let asked: { url: string; body: Record<string, unknown> }[];
let servers: Record<string, () => Response>;

beforeEach(() => {
  [out, err, asked] = ['', '', []];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  vi.stubGlobal('fetch', async (url: URL, { body }: { body: string }) => {
    asked.push({ url: url.href, body: JSON.parse(body) });
    const serve = servers[url.origin];
    if (serve === undefined) throw new TypeError('refused');
    return serve();
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  process.exitCode = 0;
});

const TAKEN = { stopped: true, phase: null, kept: 'database', version: 3 };

test('one decision goes to every server under one id', async () => {
  servers = { 'http://a': () => answer(200, TAKEN), 'http://b': () => answer(200, TAKEN) };
  await decide('e', { ...OPTIONS, url: ['http://a', 'http://b/'] }, { action: 'stop' });
  expect(asked.map(({ url }) => url)).toEqual([
    'http://a/v1/experiments/e/state',
    'http://b/v1/experiments/e/state',
  ]);
  expect(asked[0]!.body).toEqual(asked[1]!.body);
  expect(asked[0]!.body).toMatchObject({ action: 'stop', reason: 'a drill', by: 'ann' });
  expect(JSON.parse(out)).toMatchObject({
    schema: 'screentest/decision/v1',
    experiment: 'e',
    servers: [{ ok: true, answer: TAKEN }, { ok: true }],
  });
  expect(process.exitCode ?? 0).toBe(0);
});

test('a server that does not answer is told of, and the exit code is 1', async () => {
  servers = { 'http://a': () => answer(200, TAKEN) };
  await decide('e', { ...OPTIONS, json: false, url: ['http://a', 'http://b'] }, { action: 'stop' });
  expect(out).toContain('e is stopped (version 3)');
  expect(err).toContain('no server answers at http://b');
  expect(process.exitCode).toBe(1);
});

test('an unknown experiment is invalid input', async () => {
  const error = { message: 'no experiment is called e', mend: 'did you mean f?' };
  servers = { 'http://localhost:8080': () => answer(404, { error }) };
  await decide('e', OPTIONS, { action: 'resume' });
  expect(err).toContain('no experiment is called e; did you mean f?');
  expect(process.exitCode).toBe(2);
});

test('says where a stop is kept', async () => {
  servers = { 'http://localhost:8080': () => answer(200, { ...TAKEN, kept: 'machine', version: null }) };
  await decide('e', { ...OPTIONS, json: false }, { action: 'stop' });
  expect(out).toContain('others hear of it when the database is back');
});
