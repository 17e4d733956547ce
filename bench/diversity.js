/**
 * The last stage alone: 20 slots from 200 candidates of 15,000 titles under a genre cap, by maximal marginal relevance and by
 * Plackett-Luce, one request at a time, with all that the stage does (the draw, the propensities, the reasons). Beside it plain
 * loops that make the same slates and no more: a pass over the candidates for each slot, and for marginal relevance every
 * likeness computed anew.
 */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fill } from '../dist/variants/stages/fill.js';
import { createWork, reserve } from '../dist/variants/work.js';
import { quantile, section, table } from './measure.js';

const TITLES = 15_000;
const CANDIDATES = 200;
const SLOTS = 20;
const GENRES = 18;
const THEMES = 60;
const REQUESTS = 500;
const ROUNDS = 20;
const BUDGET = 300;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Uniform numbers, the same in every run (mulberry32). */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Titles around themes, as texts of one kind lie together: cosines within a theme are about 0.6. */
function modelsOf(dims) {
  const random = uniform(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const themes = Array.from({ length: THEMES }, () => Float64Array.from({ length: dims }, normal));
  const vectors = new Float32Array(TITLES * dims);
  const primaryGenre = new Uint8Array(TITLES);
  const genreMask = new Uint32Array(TITLES);
  for (let title = 0; title < TITLES; title++) {
    const theme = Math.floor(random() * THEMES);
    const row = Float64Array.from(themes[theme], (value) => value + 0.8 * normal());
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    row.forEach((value, d) => {
      vectors[title * dims + d] = value / norm;
    });
    // Genres are uneven, as they are in life.
    primaryGenre[title] = Math.floor(GENRES * random() ** 2);
    genreMask[title] = (1 << primaryGenre[title]) | (1 << Math.floor(GENRES * random()));
  }
  return { catalogue: { primaryGenre, genreMask }, content: { dims, vectors } };
}

function worksOf(candidates) {
  const random = uniform(2);
  return Array.from({ length: REQUESTS }, (_, row) => {
    const watched = Array.from({ length: 20 }, () => Math.floor(random() * TITLES));
    const work = createWork({
      requestId: `00000000-0000-7000-8000-${row.toString(16).padStart(12, '0')}`,
      viewer: { watchCount: watched.length, watchedTitles: Int32Array.from(watched) },
      k: SLOTS,
    });
    reserve(work.candidates, candidates);
    work.candidates.count = candidates;
    const chosen = new Set();
    while (chosen.size < candidates) chosen.add(Math.floor(random() * TITLES));
    work.candidates.titles.set([...chosen]);
    for (let i = 0; i < candidates; i++) work.candidates.score[i] = random() ** 3;
    return work;
  });
}

/** A pass over the candidates for each slot; with `mmr` every likeness to every placed title anew. */
function plain({ titles, score, count }, { catalogue, content }, { genreCap = Infinity, mmr = 1 }) {
  const { dims, vectors } = content;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, score[i]);
    high = Math.max(high, score[i]);
  }
  const taken = new Uint8Array(count);
  const used = new Uint16Array(256);
  const placed = [];
  while (placed.length < SLOTS) {
    let best = -1;
    let top = -Infinity;
    for (let i = 0; i < count; i++) {
      if (taken[i] === 1 || used[catalogue.primaryGenre[titles[i]]] >= genreCap) continue;
      let closest = 0;
      if (mmr < 1) {
        for (const other of placed) {
          let dot = 0;
          for (let d = 0; d < dims; d++)
            dot += vectors[titles[i] * dims + d] * vectors[titles[other] * dims + d];
          closest = Math.max(closest, dot);
        }
      }
      const value = mmr * ((score[i] - low) / (high - low)) - (1 - mmr) * closest;
      if (value > top) {
        top = value;
        best = i;
      }
    }
    taken[best] = 1;
    used[catalogue.primaryGenre[titles[best]]]++;
    placed.push(best);
  }
  return placed.map((index) => titles[index]);
}

/** Microseconds of each call, after a warm-up. */
function timed(works, call, rounds) {
  for (const work of works) call(work);
  const times = new Float64Array(rounds * works.length);
  for (let round = 0, at = 0; round < rounds; round++) {
    for (const work of works) {
      const started = process.hrtime.bigint();
      call(work);
      times[at++] = Number(process.hrtime.bigint() - started) / 1000;
    }
  }
  return [0.5, 0.95, 0.99].map((q) => quantile(times, q));
}

/** Buffers are freed on another thread a little after they are collected. */
async function collect() {
  for (let time = 0; time < 3; time++) {
    gc();
    await setTimeout(50);
  }
}

/** Bytes left behind by a call after collection, and bytes of objects and arrays made during one. */
async function bytesPerCall(works, call) {
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  for (const work of works) call(work);
  // Few calls at a time, so that nothing is collected in between.
  const made = Array.from({ length: 15 }, (_, round) => {
    gc();
    const before = used();
    for (let i = 0; i < 30; i++) call(works[(30 * round + i) % works.length]);
    return (used() - before) / 30;
  });
  await collect();
  const before = used();
  for (let round = 0; round < 20; round++) for (const work of works) call(work);
  await collect();
  return { made: quantile(made, 0.5), left: Math.max(0, used() - before) / (20 * works.length) };
}

export async function run() {
  section(`Diversity: ${CANDIDATES} candidates to ${SLOTS} slots, microseconds`);
  const variants = [
    ['genre cap 5', 48, { genreCap: 5 }],
    ['mmr 70%', 48, { mmr: 0.7 }],
    ['mmr 70%', 256, { mmr: 0.7 }],
    ['mmr 30%', 256, { mmr: 0.3 }],
    ['mmr 70%, cap 5, explore 20%', 256, { mmr: 0.7, genreCap: 5, explore: 0.2 }],
    ['plackett-luce, cap 5', 48, { sample: 'plackett-luce', temperature: 0.1, genreCap: 5 }],
  ];
  const worlds = new Map([48, 256].map((dims) => [dims, modelsOf(dims)]));
  const works = worksOf(CANDIDATES);
  const rows = [
    [
      'fill',
      'dims',
      'p50',
      'p95',
      'p99',
      `of ${BUDGET}`,
      'plain loop p50',
      'ratio',
      'made/call',
      'left/call',
    ],
  ];
  for (const [name, dims, parameters] of variants) {
    const models = worlds.get(dims);
    const stage = fill.make(parameters);
    const call = (work) => stage.run([work], models);
    const isDrawn = parameters.explore !== undefined || parameters.sample !== undefined;
    const loop = (work) => plain(work.candidates, models, parameters);
    if (!isDrawn) for (const work of works.slice(0, 50)) same(work, call, loop);
    const [p50, p95, p99] = timed(works, call, ROUNDS);
    // What draws has no plain loop of the same slates.
    const [peer] = isDrawn ? [undefined] : timed(works.slice(0, 100), loop, 3);
    const { made, left } = await bytesPerCall(works, call);
    const figures = [p50, p95, p99].map((value) => value.toFixed(0));
    const share = `${((100 * p50) / BUDGET).toFixed(0)}%`;
    const beside = peer === undefined ? ['', ''] : [peer.toFixed(0), `${(peer / p50).toFixed(1)}x`];
    rows.push([name, dims, ...figures, share, ...beside, `${made.toFixed(0)} B`, `${left.toFixed(1)} B`]);
  }
  console.log(table(rows));
}

function same(work, call, loop) {
  call(work);
  const expected = loop(work).join();
  if (work.slate.titles.join() !== expected) throw new Error('the plain loop makes another slate');
}
