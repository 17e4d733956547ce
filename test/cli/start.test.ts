import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

/** The built command as a user runs it: what goes wrong at a start is told with its place and mend, and by the exit code. */

const bin = join(import.meta.dirname, '..', '..', 'bin', 'screentest.js');
const folder = mkdtempSync(join(tmpdir(), 'screentest-cli-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

function screentest(args: readonly string[], env: Record<string, string | undefined> = {}) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const options = {
      env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...env },
      timeout: 60_000,
    };
    const child: ChildProcess = execFile(
      process.execPath,
      [bin, ...args],
      options,
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const start = (...args: string[]) => ['start', '--cache', join(folder, 'cache'), ...args];

describe('screentest start refuses', () => {
  test('a port that is taken, before any work', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    try {
      const { code, stderr } = await screentest(start('--port', String(port)));
      expect(stderr).toContain(
        `port ${port} is taken: stop what listens there, or choose another with --port N`,
      );
      expect(code).toBe(1);
    } finally {
      server.close();
    }
  });

  test('a database that is down', async () => {
    const { code, stderr } = await screentest(start('--port', '18473'), {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    });
    expect(stderr).toContain('cannot reach Postgres at 127.0.0.1:1/none');
    expect(stderr).toContain('unset DATABASE_URL');
    expect(code).toBe(1);
  });

  test.each([
    ['too few users', start('--users', '5'), 'give a whole number from 100'],
    ['a seed that is no number', start('--seed', 'x'), 'give a whole number'],
    [
      'a folder without declarations',
      start('--experiments', '/nowhere', '--port', '18474'),
      '/nowhere: is not a folder',
    ],
    ['a command that is none', ['frobnicate'], "unknown command 'frobnicate'"],
  ])('%s, with exit code 2', async (_title, args, message) => {
    const { code, stderr, stdout } = await screentest(args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('--help of every command goes to stdout and ends with 0', async () => {
  const { code, stdout } = await screentest(['--help']);
  expect(code).toBe(0);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: |\n)/gm)].map((match) => match[1]!);
  expect(commands).toEqual(
    expect.arrayContaining(['start', 'validate', 'report', 'train', 'evaluate', 'schema']),
  );
  for (const command of commands) {
    const help = await screentest([command, '--help']);
    expect(help.code, command).toBe(0);
    expect(help.stdout, command).toContain('Usage: screentest');
  }
});

test('Ctrl-C while it starts ends with 130 and leaves no database behind', async () => {
  const cache = join(folder, 'interrupted');
  const args = ['start', '--users', '100', '--port', '18475', '--cache', cache];
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
    if (!told.includes('open the database:') || child.killed) return;
    // As a terminal and npm send it: twice for one press.
    child.kill('SIGINT');
    child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(130);
  const running = await new Promise<string>((resolve) => {
    execFile('ps', ['-eo', 'args'], (_error, stdout) => resolve(stdout));
  });
  expect(running).not.toContain(cache);
}, 90_000);
