/**
 * iALS on implicit events of a long-tailed catalogue, 64 factors, three conjugate gradient steps, beside what `implicit` publishes and the
 * multiply-adds that this machine can do. `node bench/ials.js 1 3 10`: millions of events.
 */
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { generator } from '../dist/ranking/generator.js';
import { trainIals } from '../dist/ranking/ials.js';
import { openWorkspace } from '../dist/ranking/kernels/workspace.js';
import { openThreads } from '../dist/workers/kernel-threads.js';
import { section, table } from './measure.js';
import { multiplyAddPeak } from './peak.js';

const FACTORS = 64;
const STEPS = 3;
/** 0.84 s an iteration on the 8 cores of an i7-7820X: benchmarks of the `implicit` library, Last.fm 360K, 64 factors. */
const PUBLISHED_CORE_SECONDS = 6.7;
const TITLES = 20_000;
const EVENTS_PER_USER = 73;

/** Titles with probabilities that fall as a power of their rank; users with as skewed a number of events. */
export function implicitEvents(count, titles, seed = 1) {
  const random = generator(seed);
  const userCount = Math.ceil(count / EVENTS_PER_USER);
  const events = {
    count,
    users: new Int32Array(count),
    titles: new Int32Array(count),
    weights: new Float32Array(count),
    at: new Float64Array(count),
    userCount,
  };
  for (let event = 0; event < count; event++) {
    events.users[event] = Math.floor(random() ** 1.5 * userCount);
    events.titles[event] = Math.floor(random() ** 2.5 * titles);
    events.weights[event] = 0.2 + 0.8 * random();
  }
  return events;
}

/** Seconds of an iteration, in wall and processor time, and of what comes before the first; most memory in MB. */
function measured(events, open, iterations) {
  const times = [];
  const started = { wall: performance.now(), cpu: process.cpuUsage() };
  const rss = process.memoryUsage.rss();
  let most = rss;
  const parameters = { factors: FACTORS, iterations, steps: STEPS, alpha: 3, regularisation: 0.004 };
  const progress = () => {
    const { user, system } = process.cpuUsage(started.cpu);
    times.push({ wall: (performance.now() - started.wall) / 1000, cpu: (user + system) / 1e6 });
    most = Math.max(most, process.memoryUsage.rss());
  };
  trainIals(events, TITLES, parameters, progress, undefined, open);
  // The first iteration has twice the steps; two calls to an iteration.
  const [first, last] = [times[1], times.at(-1)];
  return {
    wall: (last.wall - first.wall) / (iterations - 1),
    cpu: (last.cpu - first.cpu) / (iterations - 1),
    all: last.wall,
    grown: (most - rss) / 2 ** 20,
    rss: most / 2 ** 20,
  };
}

/** Multiply-adds of one iteration: each entry and each row of the Gram matrix is met steps + 1 times, twice each. */
function multiplyAdds(events) {
  const rows = events.userCount + TITLES;
  return 2 * events.count * (STEPS + 1) * 2 * FACTORS + rows * ((STEPS + 1) * FACTORS ** 2 + FACTORS ** 2);
}

export function run(millions = [1, 3, 10]) {
  const threads = availableParallelism();
  section(
    `iALS: ${TITLES} titles, ${FACTORS} factors, ${STEPS} conjugate gradient steps, ${threads} threads`,
  );
  const peak = multiplyAddPeak('f32x4');
  const rows = [
    [
      'events',
      'users',
      's/iteration',
      'CPU s',
      'Gflop/s',
      'of peak',
      'x implicit',
      'RSS MB',
      'grown MB',
      'B/event',
    ],
  ];
  const points = [];
  for (const [name, count, open] of [
    ...millions.map((million) => ['', million * 1e6, openThreads]),
    [' (one thread)', millions.at(-1) * 1e6, openWorkspace],
  ]) {
    const events = implicitEvents(count, TITLES);
    const { wall, cpu, grown, rss } = measured(events, open, 4);
    if (open === openThreads) points.push([Math.log(count), Math.log(cpu), Math.log(wall)]);
    const flops = 2 * multiplyAdds(events);
    rows.push([
      `${count / 1e6} M${name}`,
      events.userCount,
      wall.toFixed(2),
      cpu.toFixed(2),
      (flops / wall / 1e9).toFixed(1),
      (flops / cpu / 1e9 / peak).toFixed(2),
      count === 1e7 ? (cpu / PUBLISHED_CORE_SECONDS).toFixed(2) : '',
      rss.toFixed(0),
      grown.toFixed(0),
      ((grown * 2 ** 20) / count).toFixed(0),
    ]);
  }
  console.log(table(rows));
  const slope = (column) => {
    const mean = (place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
    const [x, y] = [mean(0), mean(column)];
    const across = points.reduce((sum, point) => sum + (point[0] - x) * (point[column] - y), 0);
    return across / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  };
  console.log(
    `\nSlope of log seconds over log events, 1 is proportional: CPU ${slope(1).toFixed(2)}, wall ${slope(2).toFixed(2)}. ` +
      `Peak of one core, multiply and add in vectors of four without memory: ${peak.toFixed(1)} Gflop/s; "of peak" is per CPU second. ` +
      `"x implicit": CPU seconds over the ${PUBLISHED_CORE_SECONDS} core-seconds that the implicit library publishes (0.84 s on 8 cores).`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  run(process.argv.length > 2 ? process.argv.slice(2).map(Number) : undefined);
