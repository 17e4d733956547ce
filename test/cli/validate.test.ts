import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerSchema } from '../../src/cli/schema.ts';
import { registerValidate, validate } from '../../src/cli/validate.ts';
import { FILES } from '../declaration/texts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'screentest-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  const second = FILES['ranker.yaml']!.replace('key: ranker', 'key: second').replace('owner', 'ownr');
  for (const [name, text] of Object.entries({ ...FILES, 'second.yaml': second }))
    await writeFile(join(folder, name), text);
});

async function run(...words: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const text = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  try {
    const program = new Command();
    registerValidate(program);
    registerSchema(program);
    await program.parseAsync(words, { from: 'user' });
    return { code: process.exitCode ?? 0, stdout: text(out), stderr: text(error) };
  } finally {
    process.exitCode = 0;
    out.mockRestore();
    error.mockRestore();
  }
}

describe('screentest validate', () => {
  it('quotes each mistake and exits with 2', async () => {
    const { code, stdout, stderr } = await run('validate', folder);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'second.yaml:3:1 ownr: is not a known key; did you mean owner?\n  ownr: team\n  ^\n',
    );
    expect(stderr).toContain('second claims 0% to 50% of layer main');
    expect(stderr).toContain('2 mistakes in 5 declaration files\n');
  });

  it('exits with 0 when all is well', async () => {
    await rm(join(folder, 'second.yaml'));
    expect(await run('validate', folder)).toEqual({
      code: 0,
      stdout: '',
      stderr: '4 declaration files, no mistakes\n',
    });
  });

  it('prints one JSON document', async () => {
    const { code, stdout } = await run('validate', '--json', folder);
    const document = JSON.parse(stdout);
    expect(code).toBe(2);
    expect(document).toMatchObject({ schema: 'screentest/validation/v1', ok: false, files: 5 });
    expect(document.errors[0]).toMatchObject({
      line: 3,
      column: 1,
      path: 'ownr',
      problem: 'is not a known key',
      mend: 'did you mean owner?',
    });
  });

  it('tells of one file what it takes part in', async () => {
    const about = async (name: string) =>
      (await validate([join(folder, name)])).errors.map(({ path }) => path);
    expect(await about('second.yaml')).toEqual(['ownr', 'layer.slice']);
    expect(await about('ranker.yaml')).toEqual(['layer.slice']);
    expect(await about('metrics.yaml')).toEqual([]);
  });

  it('names a path that is not there', async () => {
    const { code, stderr } = await run('validate', join(folder, 'nowhere.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.yaml: there is no such file or folder; check the path');
  });
});

describe('screentest schema', () => {
  it('writes what is not current, and checks it', async () => {
    expect((await run('schema', '--check', '--folder', folder)).code).toBe(1);
    const { stdout } = await run('schema', '--folder', folder);
    expect(stdout.trim().split('\n')).toHaveLength(10);
    expect(await run('schema', '--check', '--folder', folder)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
