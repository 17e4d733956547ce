/**
 * npm run faults: injects each fault of the catalogue into the running product and holds every acknowledgement against the
 * database; keeps what it finds in bench/faults.json and makes bench/FAULTS.md of it. Exit code 1 where something was lost, stored twice, altered or invented, or a promise broken.
 *
 *   --only A,B      faults by name: their rows are renewed, the others stay
 *   --runs N        so many of each instead of the usual numbers; written nowhere but the terminal
 *   --embedded      on the embedded Postgres alone
 *   --real          on a cluster of the machine's own Postgres and a Redis of its own alone
 *   --quick         each fault once or a few times; written nowhere but the terminal
 *   --json          the results as JSON on stdout
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS } from './catalogue.js';
import { ownPrograms } from './database.js';
import { keepResult, resultTable } from './document.js';
import { hasRedis } from './redis.js';
import { openWorld } from './world.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string' },
    real: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const only = options.only?.split(',');
const unknown = (only ?? []).filter((name) => !FAULTS.some((fault) => fault.name === name));
if (unknown.length > 0 || (options.runs !== undefined && !(Number(options.runs) >= 1))) {
  console.error(
    `usage: node faults/run.js [--only NAME,NAME] [--runs N] [--embedded | --real] [--quick] [--json]\nfaults: ${FAULTS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const backends = ['embedded', 'real'].filter((name) => options[name] || options.embedded === options.real);
const say = (line) => console.error(line);

function absent(backend) {
  if (backend === 'embedded') return undefined;
  if (ownPrograms() === undefined) return 'no Postgres is installed below /usr/lib/postgresql';
  return hasRedis() ? undefined : 'no redis-server is installed';
}

async function inject(world, fault) {
  const { title, name, injection, holds, recovery } = fault;
  const text = (value) => (typeof value === 'function' ? value(options.quick) : value);
  const result = {
    name,
    title,
    backend: world.name,
    injection: text(injection),
    holds: text(holds),
    recovery,
  };
  const runs = Number(options.runs ?? fault.runs[options.quick ? 'quick' : 'full']);
  const reason = runs === 0 ? 'not part of the short version' : fault.skip?.(world);
  if (reason !== undefined) return { ...result, skipped: reason };
  world.ledger.begin(name);
  const started = performance.now();
  try {
    const found = await fault.run(world, runs, options.quick);
    const seconds = Math.round((performance.now() - started) / 1000);
    return { ...result, runs, seconds, ...found };
  } catch (error) {
    const told = world.product()?.told();
    await world.mend();
    return { ...result, runs, failed: error.message, told };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'screentest-faults-'));
// A cluster started by root runs as another user, who must be able to walk to it.
chmodSync(folder, 0o711);

const chosen = FAULTS.filter(({ name }) => only === undefined || only.includes(name));
const kept = !options.quick && options.runs === undefined;
/** By backend and fault; a run that is cut short shows what it did not come to. */
const found = new Map(
  backends.flatMap((backend) =>
    chosen.map(({ name, title }) => [
      `${backend} ${name}`,
      { name, title, backend, skipped: 'the run was stopped before it' },
    ]),
  ),
);
const results = () => [...found.values()];

function tell(backend, result) {
  found.set(`${backend} ${result.name}`, result);
  say(resultTable([result]).split('\n').at(-1));
  for (const example of result.verdict?.examples ?? []) say(`  ${example}`);
  if (result.failed !== undefined) say(`  ${result.told}`);
  if (kept) keepResult(backend, result);
}

async function runOn(backend) {
  const reason = absent(backend);
  if (reason !== undefined) {
    for (const { name, title } of chosen) tell(backend, { name, title, backend, skipped: reason });
    return;
  }
  const world = await openWorld(backend, join(folder, backend));
  try {
    say(`${world.name}: ready after ${Math.round((await world.up()) / 1000)} s`);
    for (const fault of chosen) tell(backend, await inject(world, fault));
  } finally {
    await world.close();
  }
}

try {
  // Side by side: most of the time a fault is waited for.
  await Promise.all(backends.map(runOn));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (options.json) console.log(JSON.stringify({ results: results() }));
else console.log(resultTable(results()));
const bad = results().filter(
  ({ failed, verdict }) =>
    failed !== undefined ||
    (verdict && verdict.lost + verdict.duplicated + verdict.altered + verdict.invented > 0),
);
process.exitCode = bad.length > 0 ? 1 : 0;
