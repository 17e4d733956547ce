/**
 * npm run validity: simulated experiments by the ten thousand, judged by the product's own functions; writes
 * docs/validity.md and its plots. Exit code 1 where a claim fails.
 *
 *   --quick         a tenth of the tests, written nowhere but the terminal
 *   --only A,B      scenarios whose id begins so; written nowhere but the terminal
 *   --threads N     default: all cores
 *   --seed N        default: the declared one
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { writeDocument } from './document.js';
import { errorOfEach, judge } from './judge.js';
import { plan, SEED, TESTS } from './plan.js';
import { writePlots } from './plots.js';
import { createProgressReporter } from './product.js';
import { merge } from './tally.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    threads: { type: 'string' },
    seed: { type: 'string' },
  },
});

const seed = options.seed === undefined ? SEED : Number(options.seed);
const threads = options.threads === undefined ? cpus().length : Number(options.threads);
const tests = options.quick ? TESTS / 10 : TESTS;
const chosen = options.only?.split(',');
const scenarios = plan.filter(({ id }) => !chosen || chosen.some((start) => id.startsWith(start)));
if (!Number.isInteger(seed) || !(threads >= 1) || scenarios.length === 0) {
  console.error('usage: node validity/run.js [--quick] [--only ID,ID] [--threads N] [--seed N]');
  process.exit(2);
}

/** Tests of one message to a worker; the same for any number of workers. */
const PART = 250;

/** Runs all parts on the workers and returns their entries by scenario, in the order of the tests. */
function runParts(parts, progress) {
  const found = new Map(scenarios.map(({ id }) => [id, []]));
  const total = scenarios.length * tests;
  let [next, done, finished] = [0, 0, 0];
  return new Promise((resolve, reject) => {
    for (let i = 0; i < threads; i++) {
      const worker = new Worker(new URL('./worker.js', import.meta.url));
      const give = () => {
        const part = parts[next++];
        if (part) return worker.postMessage({ ...part, seed });
        worker.terminate();
        finished += 1;
        if (finished === threads) resolve(found);
      };
      worker.on('message', ({ id, from, to, entries }) => {
        found.get(id)[from / PART] = entries;
        done += to - from;
        progress(done, total);
        give();
      });
      worker.on('error', reject);
      give();
    }
  });
}

const percent = (rate) => `${(100 * rate).toFixed(2)} %`;

const reporter = createProgressReporter(process.stderr);
reporter.note(
  `${scenarios.length} scenarios of ${tests.toLocaleString('en')} tests, seed ${seed}, ${threads} threads`,
);
const parts = scenarios.flatMap(({ id }) =>
  Array.from({ length: Math.ceil(tests / PART) }, (_, i) => ({
    id,
    from: i * PART,
    to: Math.min(tests, (i + 1) * PART),
  })),
);
const started = performance.now();
const found = await reporter.phase('validity', 'tests', (progress) => runParts(parts, progress));
const seconds = Math.round((performance.now() - started) / 1000);

const { count, error } = errorOfEach(plan);
const results = scenarios.map((scenario) => {
  const entries = merge(found.get(scenario.id));
  return {
    ...scenario,
    entries,
    judged: scenario.claims.map((claim) => judge(claim, entries.get(claim.key), error)),
  };
});

const failed = results.flatMap(({ id, data, judged }) =>
  judged.filter(({ verdict }) => verdict === 'fails').map((claim) => ({ id, data, ...claim })),
);
if (!options.quick && !chosen) {
  writeDocument({ results, seed, tests, count, error, seconds, threads });
  writePlots(results);
  reporter.note('  written: docs/validity.md and docs/validity/*.svg');
} else {
  for (const { id, judged } of results) {
    for (const { method, key, rate, band, verdict, n } of judged) {
      const shown = n > 0 ? `${percent(rate)} in ${band.map(percent).join(' .. ')}` : 'nothing computed';
      console.log(`${verdict.padEnd(8)} ${id}: ${method} (${key}): ${shown}`);
    }
  }
}
for (const { id, method, key, rate, band, n } of failed) {
  const shown = n > 0 ? `${percent(rate)}, outside ${band.map(percent).join(' to ')}` : 'nothing computed';
  console.error(`FAILS  ${id}: ${method} (${key}): ${shown}`);
}
const held = results.flatMap(({ judged }) => judged.filter(({ verdict }) => verdict === 'holds')).length;
console.error(`${held} claims hold, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
