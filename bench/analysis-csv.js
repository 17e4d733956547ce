import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantile, table } from './measure.js';

const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const ROUNDS = 5;
const NUMBERS = ['watch', 'clicks', 'shown', 'plays', 'done', 'bounced', 'before'];

const SPEC = `unit: user
arm: arm
control: a
metrics:
  - {key: watch, kind: mean, covariates: [before]}
  - {key: clicks, kind: mean, covariates: [before]}
  - {key: plays, kind: mean, covariates: [before]}
  - {key: bounced, kind: proportion, covariates: [before]}
  - {key: ctr, kind: ratio, numerator: clicks, denominator: shown, covariates: [before]}
  - {key: completion, kind: ratio, numerator: done, denominator: plays, covariates: [before]}
`;

/** A row per user; 28 MB for 800,000 users. */
function rows(users) {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const whole = (below) => Math.floor(random() * below);
  const lines = [`user,arm,${NUMBERS.join(',')},country`];
  for (let i = 0; i < users; i++) {
    const before = Math.floor(random() ** 4 * 4000);
    const watch = (random() ** 3 * 3000 + before * 0.8).toFixed(2);
    const plays = whole(5);
    const values = [
      watch,
      whole(9),
      12 * (1 + whole(4)),
      plays,
      whole(plays + 1),
      Number(random() < 0.2),
      before,
    ];
    const user = `u${String(i).padStart(6, '0')}`;
    lines.push(`${user},${i % 2 ? 'b' : 'a'},${values.join(',')},${['se', 'no', 'dk', 'fi'][whole(4)]}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The floor: nothing but a scan of the file, in a process that is started already; seconds. */
async function bareScan(path) {
  const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const sums = NUMBERS.map((name) => `sum("${name}")`).join(', ');
  const typed = ['user', 'arm', ...NUMBERS, 'country'].map(
    (name) => `'${name}': '${NUMBERS.includes(name) ? 'DOUBLE' : 'VARCHAR'}'`,
  );
  const scan = `read_csv('${path}', auto_detect = false, header = true, columns = {${typed.join(', ')}})`;
  return async () => {
    const started = performance.now();
    await connection.runAndReadAll(`select arm, count(*), ${sums} from ${scan} group by arm`);
    return (performance.now() - started) / 1000;
  };
}

const PANDAS = `import sys, time
import pandas
started = time.perf_counter()
frame = pandas.read_csv(sys.argv[1])
frame.groupby("arm")[sys.argv[2].split(",")].agg(["count", "mean", "var"])
print(time.perf_counter() - started)`;

/** pandas reading the same file and taking means and variances, without its start; undefined where there is none. */
async function pandas(path) {
  try {
    return Number((await run('/usr/bin/python3', ['-c', PANDAS, path, NUMBERS.join(',')])).stdout);
  } catch {
    return undefined;
  }
}

/** `screentest analyze` on a table of one row per user, process and start included, beside pandas and a bare scan. */
export async function fromFile(users) {
  const folder = mkdtempSync(join(tmpdir(), 'screentest-bench-'));
  try {
    const [data, spec] = [join(folder, 'users.csv'), join(folder, 'analysis.yaml')];
    writeFileSync(data, rows(users));
    writeFileSync(spec, SPEC);
    const analyze = async () => {
      const started = performance.now();
      const words = ['analyze', '--data', data, '--spec', spec, '--json'];
      await run(process.execPath, [here('../bin/screentest.js'), ...words], { maxBuffer: 2 ** 26 });
      return (performance.now() - started) / 1000;
    };
    const ways = { floor: await bareScan(data), peer: () => pandas(data), ours: analyze };
    const times = { floor: [], peer: [], ours: [] };
    // In turns, so that whatever else the machine does falls on all of them.
    for (let i = 0; i < ROUNDS; i++)
      for (const [name, way] of Object.entries(ways)) times[name].push((await way()) ?? Number.NaN);
    const floor = quantile(times.floor, 0.5);
    const line = (name, of) => {
      const seconds = quantile(of, 0.5);
      return [name, seconds.toFixed(2), (seconds / floor).toFixed(1)];
    };
    const megabytes = (statSync(data).size / 1e6).toFixed(0);
    console.log(
      `\nCSV of ${users} users, ${megabytes} MB, 6 metrics with a covariate each (median of ${ROUNDS}, in turns):\n`,
    );
    console.log(
      table([
        ['', 'seconds', 'times the floor'],
        line('floor: DuckDB sums the columns, in a started process', times.floor),
        line('peer: pandas read_csv and groupby, without its start', times.peer),
        line('screentest analyze, from process start to report', times.ours),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === here('analysis-csv.js')) {
  await fromFile(Number(process.argv[2] ?? 800_000));
  process.exit(0);
}
