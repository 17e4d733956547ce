import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { quantile, table } from './measure.js';
import { SERVER_CORE, USERS } from './processes.js';

const WARM_UP = 1_000;
const MEASURED = 5_000;
const HYBRID = 'surface=homepage&device=tv&country=US&force=homepage-hybrid:hybrid';
/** What a stage is, and the case study's p95 and budget for the same work, ms. */
const STAGES = {
  parse: ['parse: from its headers to the ranking'],
  assign: ['assign'],
  lists: ['candidates: lists'],
  candidates: ['candidates: rules and quotas', '55', '50'],
  blend: ['candidates: blend'],
  score: ['features and score', '32 and 128', '100'],
  boost: ['diversify: boost'],
  fill: ['diversify: cap, exploration', '12', ''],
  records: ['records'],
  log: ['log: until it is durable'],
  serialise: ['serialise: until it is sent'],
  'in all': ['in all', '227', '200'],
};

/** What each stage took of a request that is alone, every one of them in the hybrid arm, with everything on. */
export async function stageTable(databaseUrl, cache) {
  const script = fileURLToPath(new URL('route-stages.js', import.meta.url));
  const args = ['-c', SERVER_CORE, process.execPath, '--max-semi-space-size=64', script, databaseUrl, cache];
  const child = spawn('taskset', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? 'null');
  try {
    const { port } = await next();
    for (let i = 0; i < WARM_UP + MEASURED; i++) {
      const url = `http://127.0.0.1:${port}/v1/recommendations/u-${(i * 7919) % USERS}?${HYBRID}`;
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${url} answered ${response.status}: nothing is measured`);
    }
    child.stdin.end();
    const taken = new Map(await next());
    const rows = [
      ['stage, one request at a time', 'p50 us', 'p95 us', 'p99 us', 'case study p95 ms', 'its budget ms'],
    ];
    for (const [stage, [name, p95 = '', budget = '']] of Object.entries(STAGES)) {
      const micros = (taken.get(stage) ?? []).slice(-MEASURED);
      const figures = [0.5, 0.95, 0.99].map((share) => Math.round(quantile(micros, share)));
      rows.push([name, ...figures, p95, budget]);
    }
    return table(rows);
  } finally {
    child.stdin.end();
    if (child.exitCode === null)
      await Promise.race([once(child, 'exit'), new Promise((r) => setTimeout(r, 10_000))]);
    if (child.exitCode === null) child.kill('SIGKILL');
  }
}
