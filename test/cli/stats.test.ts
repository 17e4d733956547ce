import { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { answerStats, registerStats } from '../../src/cli/stats.ts';
import { InvalidInput } from '../../src/files/invalid-input.ts';
import { METHODS } from '../../src/methods/methods.ts';

async function run(...words: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const program = new Command();
    registerStats(program);
    await program.parseAsync(['stats', ...words], { from: 'user' });
    return { code: process.exitCode ?? 0, stdout: out.mock.calls.map(([chunk]) => String(chunk)).join('') };
  } finally {
    process.exitCode = 0;
    out.mockRestore();
  }
}

describe('screentest stats', () => {
  it('lists every method', async () => {
    const { code, stdout } = await run('--list');
    expect(code).toBe(0);
    for (const { name } of METHODS) expect(stdout).toContain(`${name} `);
  });

  it('lists the schemas as JSON', async () => {
    const { stdout } = await run('--list', '--json');
    const { schema, methods } = JSON.parse(stdout);
    expect(schema).toBe('screentest/methods/v1');
    expect(methods).toHaveLength(METHODS.length);
    for (const method of methods)
      expect(method).toMatchObject({ input: { type: 'object' }, output: { type: 'object' } });
  });

  it('computes from JSON', () => {
    const text = '{"treatment": {"values": [1, 2, 3]}, "control": {"n": 3, "mean": 1, "variance": 1}}';
    expect(answerStats('welch', text)).toMatchObject({ ok: true, estimate: 1, method: 'Welch t', n: 6 });
  });

  it.each([
    ['welsh', '{}', /welsh is not a method; did you mean welch\?/],
    ['welch', '{"treatment": ', /not JSON/],
  ])('refuses %s of %s', (name, text, reason) => {
    expect(() => answerStats(name, text)).toThrow(reason);
    expect(() => answerStats(name, text)).toThrow(InvalidInput);
  });
});
