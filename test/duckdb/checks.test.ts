import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/files/invalid-input.ts';
import { answerFor, documentFor, scratch } from './table.ts';

let folder: Awaited<ReturnType<typeof scratch>>;
beforeAll(async () => {
  folder = await scratch();
});
afterAll(() => folder.remove());

const SPEC = `
unit: id
arm: version
control: gate_30
weights: {gate_30: 0.5, gate_40: 0.5}
metrics:
  - {key: x, kind: mean, covariates: [before]}
`;

/** 40 sound rows: id, version, x, before, flag, views. */
const sound = Array.from(
  { length: 40 },
  (_, i) =>
    `u${i},gate_${i % 2 ? 40 : 30},${(i * 7) % 11},${(i * 5) % 13},${i % 3 === 0 ? 'TRUE' : 'false'},${1 + (i % 4)}`,
);
const HEADER = 'id,version,x,before,flag,views';
let files = 0;
const fileOf = (rows: readonly string[]) =>
  folder.file(`${files++}.csv`, `${[HEADER, ...rows].join('\n')}\n`);

async function checkOf(rows: readonly string[], key: string, spec = SPEC, allowed: readonly string[] = []) {
  const document = await documentFor(await fileOf(rows), spec, allowed);
  return { document, check: document.data.checks.find((entry) => entry.key === key) };
}

describe('checks before any number', () => {
  it('passes a sound file', async () => {
    const document = await documentFor(await fileOf(sound), SPEC);
    expect(document.state).toBe('valid');
    expect(document.data.checks.every(({ status }) => status === 'pass')).toBe(true);
  });

  it.each([
    ['duplicate-units', [...sound, sound[3]!], { count: 1, examples: ['u3'] }, 40],
    ['duplicate-units', [...sound, 'u3,gate_40,99,1,TRUE,1'], { count: 1 }, 39],
    ['crossed-units', [...sound, 'u3,gate_30,1,1,TRUE,1'], { count: 1, examples: ['u3'] }, 39],
    ['missing-units', [...sound, ',gate_30,1,1,TRUE,1'], { count: 1 }, 40],
    [
      'unknown-arms',
      [...sound, 'z,gate_3O,1,1,TRUE,1'],
      { count: 1, text: expect.stringContaining('did you mean gate_30?') },
      40,
    ],
    [
      'unknown-arms',
      [...sound, 'z,,1,1,TRUE,1'],
      { count: 1, text: expect.stringContaining('without an arm') },
      40,
    ],
    ['non-numeric', [...sound, 'z,gate_40,many,1,TRUE,1'], { count: 1, column: 'x' }, 41],
    ['infinite', [...sound, 'z,gate_40,-inf,1,TRUE,1'], { count: 1, column: 'x' }, 41],
  ] as const)('%s withholds every number, unless it is allowed', async (key, rows, found, units) => {
    const { document, check } = await checkOf(rows, key);
    expect(check).toMatchObject({ status: 'fail', ...found });
    expect(document).toMatchObject({
      state: 'withheld',
      metrics: [],
      reason: expect.stringContaining(`--allow ${key}`),
    });
    const allowed = await checkOf(rows, key, SPEC, [key]);
    expect(allowed.check).toMatchObject({ status: 'warn', count: check?.count });
    expect(allowed.document).toMatchObject({ state: 'valid', data: { units } });
    expect(allowed.document.metrics[0]?.comparisons[0]?.absolute.ok).toBe(true);
  });

  it('finds a mistyped arm without declared weights, by its name and its few rows', async () => {
    const many = Array.from(
      { length: 400 },
      (_, i) => `v${i},gate_${i % 2 ? 40 : 30},${i % 5},${i % 7},TRUE,1`,
    );
    const spec = SPEC.replace(/weights.*\n/, '');
    const { check } = await checkOf([...many, 'z,gate_3O,1,1,TRUE,1'], 'unknown-arms', spec);
    expect(check).toMatchObject({ status: 'fail', count: 1, examples: ['gate_3O'] });
  });

  it('reads NA, NaN and nothing as missing, and tells by how much the arms differ in it', async () => {
    const rows = sound.map((row, i) =>
      i % 2 ? row.replace(/^(u\d+,gate_40),\d+/, `$1,${['NA', 'nan', '', 'null'][(i >> 1) % 4]}`) : row,
    );
    const kept = [...rows.slice(0, 30), ...sound.slice(30)];
    const { check, document } = await checkOf(kept, 'missing-values');
    expect(check).toMatchObject({
      status: 'warn',
      count: 15,
      text: expect.stringContaining('more often in some arms'),
    });
    expect(check?.p).toBeLessThan(1e-3);
    expect(document.metrics[0]?.arms).toMatchObject([{ n: 20 }, { n: 5 }]);
  });

  it('gives a missing covariate the mean of the others', async () => {
    const rows = sound.map((row, i) => (i < 2 ? row.replace(/,(\d+),(TRUE|false)/, ',,$2') : row));
    const { check, document } = await checkOf(rows, 'missing-covariates');
    expect(check).toMatchObject({ status: 'warn', count: 2, column: 'before' });
    expect(document.metrics[0]?.maturity).toMatchObject({ mature: 40 });
  });

  it('warns of a metric that never varies, and refuses its statistics', async () => {
    const rows = sound.map((row) => row.replace(/^(u\d+,gate_\d+),\d+/, '$1,3.1'));
    const { check, document } = await checkOf(rows, 'constant');
    expect(check).toMatchObject({
      status: 'warn',
      count: 40,
      column: 'x',
      text: expect.stringContaining('always 3.1'),
    });
    expect(document.metrics[0]?.comparisons[0]).toMatchObject({ absolute: { ok: false }, p: null });
  });

  it('reads booleans as proportions and refuses other values in them', async () => {
    const spec = SPEC.replace('{key: x, kind: mean, covariates: [before]}', '{key: flag, kind: proportion}');
    const sane = await documentFor(await fileOf(sound), spec);
    expect(sane.metrics[0]?.arms[0]?.value).toBeCloseTo(7 / 20, 12);
    const { check } = await checkOf([...sound, 'z,gate_30,1,1,2,1'], 'not-a-proportion', spec);
    expect(check).toMatchObject({ status: 'fail', count: 1, column: 'flag' });
  });

  it('refuses negative denominators', async () => {
    const spec = SPEC.replace(
      '{key: x, kind: mean, covariates: [before]}',
      '{key: r, kind: ratio, numerator: x, denominator: views}',
    );
    const rows = [...sound, 'z,gate_30,1,1,TRUE,-2'];
    expect((await checkOf(rows, 'negative-denominator', spec)).check).toMatchObject({
      status: 'fail',
      count: 1,
    });
    expect((await checkOf(rows, 'negative-denominator', spec, ['negative-denominator'])).document.state).toBe(
      'valid',
    );
  });

  it('refuses a covariate that is the outcome under another name', async () => {
    const rows = sound.map((row) => row.replace(/^(u\d+,gate_\d+),(\d+),\d+/, '$1,$2,$2'));
    const { check, document } = await checkOf(rows, 'post-exposure-covariate');
    expect(check).toMatchObject({ status: 'fail', column: 'before' });
    expect(document.state).toBe('withheld');
  });

  it('refuses a covariate that differs between the arms as nothing from before exposure can', async () => {
    const rows = sound.map((row, i) => row.replace(/,\d+,(TRUE|false)/, `,${(i % 2) * 50 + (i % 5)},$1`));
    const { check } = await checkOf(rows, 'covariate-imbalance');
    expect(check).toMatchObject({ status: 'fail', column: 'before' });
    const allowed = await checkOf(rows, 'covariate-imbalance', SPEC, ['covariate-imbalance']);
    expect(allowed.document.state).toBe('valid');
  });

  it('fails where the control has no units', async () => {
    const { check } = await checkOf(
      sound.filter((row) => !row.includes('gate_30')),
      'empty-arms',
    );
    expect(check).toMatchObject({ status: 'fail', examples: ['gate_30'] });
  });

  it('names an unknown column with its line, and the one that was meant', async () => {
    const answer = await answerFor(
      await fileOf(sound),
      SPEC.replace('key: x,', 'key: xs,').replace('[before]', '[befor]'),
    );
    expect(answer).toMatchObject({
      ok: false,
      errors: [
        { line: 7, column: 11, path: 'metrics[0].key', mend: 'did you mean x?' },
        { line: 7, path: 'metrics[0].covariates[0]', mend: 'did you mean before?' },
      ],
    });
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['a header alone', `${HEADER}\n`, /a header and no rows/],
    ['rows of different lengths', `${HEADER}\n${sound.join('\n')}\nu99,gate_30,1\n`, /cannot be read/],
  ])('refuses %s', async (_, text, reason) => {
    const file = await folder.file(`${files++}.csv`, text);
    const asked = answerFor(file, SPEC);
    await expect(asked).rejects.toThrow(reason);
    await expect(asked).rejects.toBeInstanceOf(InvalidInput);
  });

  it('reads a byte order mark, carriage returns, quotes in names and arms that look like numbers', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i},"${i % 2}",${(i * 7) % 13}`);
    const text = `\ufeff${['"user id","the ""arm""","val\'ue"', ...rows].join('\r\n')}\r\n`;
    const spec = `unit: user id\narm: the "arm"\ncontrol: 0\nmetrics: [{key: "val'ue", kind: mean}]\n`;
    const document = await documentFor(await folder.file('quoted.csv', text), spec);
    expect(document).toMatchObject({
      state: 'valid',
      data: { units: 60, arms: [{ arm: '0' }, { arm: '1' }] },
      metrics: [{ comparisons: [{ arm: '1', control: '0', absolute: { ok: true } }] }],
    });
  });
});
