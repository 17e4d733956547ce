import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AnalysisDocument } from '../../src/analyze-units.ts';
import { registerAnalyze } from '../../src/cli/analyze.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'screentest-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SPEC = `unit: userid
arm: version
control: gate_30
metrics:
  - {key: rounds, kind: mean}
  - {key: retained, kind: proportion, margin: 20%}
segments: [platform]
`;

const rows = Array.from(
  { length: 400 },
  (_, i) => `${i},gate_${i % 2 ? 40 : 30},${(i * 37) % 23},${i % 3 === 0},${i % 5 === 0 ? 'ios' : 'web'}`,
);
const csv = (extra: readonly string[] = [], kept = rows) =>
  `${['userid,version,rounds,retained,platform', ...kept, ...extra].join('\n')}\n`;

async function run(data: string, spec: string, ...words: string[]) {
  const [dataPath, specPath] = [join(folder, 'units.csv'), join(folder, 'analysis.yaml')];
  await writeFile(dataPath, data);
  await writeFile(specPath, spec);
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const text = (spy: typeof out) => spy.mock.calls.map(([chunk]) => String(chunk)).join('');
  try {
    const program = new Command();
    registerAnalyze(program);
    await program.parseAsync(['analyze', '--data', dataPath, '--spec', specPath, ...words], { from: 'user' });
    return { code: process.exitCode ?? 0, stdout: text(out), stderr: text(error) };
  } finally {
    process.exitCode = 0;
    out.mockRestore();
    error.mockRestore();
  }
}

describe('screentest analyze', () => {
  it('prints checks, the sample ratio, metrics, segments and methods', async () => {
    const { code, stdout, stderr } = await run(csv(), SPEC);
    expect(code).toBe(0);
    expect(stderr).toMatch(/read 0\.0 MB: .* s\n {2}check: .*\n {2}compare: /);
    const order = [
      'Checks',
      'duplicate-units',
      'Sample ratio: pass',
      'rounds',
      'retained',
      'platform = ios',
      'Welch t',
    ];
    const places = order.map((word) => stdout.indexOf(word));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
  });

  it('prints the versioned document with --json', async () => {
    const { code, stdout } = await run(csv(), SPEC, '--json');
    const document = JSON.parse(stdout) as AnalysisDocument;
    expect(code).toBe(0);
    expect(document).toMatchObject({
      schema: 'screentest/analysis/v1',
      state: 'valid',
      sampleRatio: { statistic: 0, df: 1, p: 1, status: 'pass' },
      metrics: [
        { key: 'rounds', comparisons: [{ arm: 'gate_40', control: 'gate_30', alwaysValid: { ok: true } }] },
        { key: 'retained', role: 'guardrail', comparisons: [{ guardrail: { marginKind: 'relative' } }] },
      ],
    });
    expect(stdout).not.toMatch(/NaN|Infinity/);
  });

  it('ends with 2 and no estimate where the data cannot be trusted, and goes on where that is allowed', async () => {
    const data = csv(['0,gate_40,1,true,ios', '999,gate_3O,1,true,ios']);
    const refused = await run(data, SPEC);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain('FAIL  crossed-units: 1 unit in more than one arm, such as 0');
    expect(refused.stdout).toContain('did you mean gate_30?');
    expect(refused.stdout).toContain('No estimate');
    const allowed = await run(data, SPEC, '--allow', 'crossed-units,unknown-arms', '--json');
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ state: 'valid', data: { rows: 402, units: 399 } });
  });

  it('withholds estimates as text where units came in another ratio, and marks them in JSON', async () => {
    const kept = rows.filter((_, i) => i % 2 === 0 || i < 150);
    const { code, stdout, stderr } = await run(csv([], kept), SPEC);
    expect(code).toBe(0);
    expect(stdout).toContain('Sample ratio: fail');
    expect(stdout).toContain('Estimates are withheld');
    expect(stderr).toContain('screentest: invalid: units did not come in the declared ratio');
    const json = await run(csv([], kept), SPEC, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ state: 'invalid', sampleRatio: { status: 'fail' } });
  });

  it.each([
    [
      'metrics',
      SPEC.replace('kind: mean', 'kind: average'),
      ':5:25 metrics[0].kind: "average" is not one of its values',
    ],
    ['columns', SPEC.replace('key: rounds', 'key: round'), ':5:11 metrics[0].key: round is not a column of'],
    ['keys', SPEC.replace('control', 'controll'), ':3:1 controll: is not a known key; did you mean control?'],
    [
      'weights',
      `${SPEC}weights: {gate_30: 0.5, gate_40: 0.6}\n`,
      'weights: they sum to 1.1; make them sum to 1',
    ],
    [
      'phases',
      `${SPEC}phase: platform\nphases: {ios: {weights: {gate_30: 0.5, gate_40: 0.6}}}\n`,
      'phases.ios.weights: they sum to 1.1; make them sum to 1',
    ],
    [
      'phases without their column',
      `${SPEC}phases: {ios: {weights: {gate_30: 0.5, gate_40: 0.5}}}\n`,
      'phases: has no meaning without phase',
    ],
    [
      'covariates',
      SPEC.replace('kind: mean', 'kind: mean, covariates: [retained]'),
      'retained is measured after exposure',
    ],
    [
      'ratios',
      SPEC.replace('kind: mean', 'kind: ratio, numerator: rounds'),
      'is a ratio without a denominator',
    ],
  ])('quotes a mistake in %s and ends with 2', async (_, spec, told) => {
    const { code, stdout, stderr } = await run(csv(), spec);
    expect(stderr).toContain(told);
    expect(stderr).toMatch(/\n {2}.*\n {2,}\^\n/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
