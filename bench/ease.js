/**
 * EASE on catalogues of several sizes, beside the multiply-adds that this machine can do in double precision. The inverse takes
 * n^3 / 2 of them. `node bench/ease.js 2500 5000 10000`: titles.
 */
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { trainEase } from '../dist/ranking/ease.js';
import { openThreads } from '../dist/workers/kernel-threads.js';
import { implicitEvents } from './ials.js';
import { section, table } from './measure.js';
import { multiplyAddPeak } from './peak.js';

/** So that there are more users than titles. */
const EVENTS_PER_TITLE = 200;

function now() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}

export function run(sizes = [2500, 5000, 10_000]) {
  section(`EASE, the inverse in double precision on ${availableParallelism()} threads`);
  const peak = multiplyAddPeak('f64x2');
  const rows = [
    ['titles', 'events', 's', 'CPU s', 'inverse s', 'CPU s', 'Gflop/s', 'per CPU s', 'of peak', 'RSS MB'],
  ];
  for (const titles of sizes) {
    const events = implicitEvents(EVENTS_PER_TITLE * titles, titles);
    const moments = [];
    const started = now();
    let rss = 0;
    const model = trainEase(
      events,
      titles,
      { lambda: 500 },
      (share) => {
        moments.push({ share, ...now() });
        rss = Math.max(rss, process.memoryUsage.rss());
      },
      openThreads,
    );
    const ended = now();
    rss = Math.max(rss, process.memoryUsage.rss());
    const [first, last] = [moments[0], moments.at(-1)];
    const share = last.share - first.share;
    const flops = model.rows.length ** 3 * share;
    const [wall, cpu] = [last.wall - first.wall, last.cpu - first.cpu];
    rows.push([
      model.rows.length,
      events.count,
      (ended.wall - started.wall).toFixed(1),
      (ended.cpu - started.cpu).toFixed(1),
      (wall / share).toFixed(1),
      (cpu / share).toFixed(1),
      (flops / wall / 1e9).toFixed(1),
      (flops / cpu / 1e9).toFixed(1),
      (flops / cpu / 1e9 / peak).toFixed(2),
      (rss / 2 ** 20).toFixed(0),
    ]);
  }
  console.log(table(rows));
  console.log(
    `\nPeak of one core, multiply and add in vectors of two without memory: ${peak.toFixed(1)} Gflop/s; "of peak" is per CPU second.`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  run(process.argv.length > 2 ? process.argv.slice(2).map(Number) : undefined);
