/**
 * Top 200 of 15,000 titles at 256 dimensions, watched titles left out, into a candidate store. Each row is a process of its own, so
 * that its memory is its own: `node bench/precompute.js USERS memory|redis` is one of them.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnxModel } from '../dist/onnx/protobuf.js';
import { retrieveInWorkers } from '../dist/onnx/retrieve-in-workers.js';
import { createMemoryCandidateStore } from '../dist/ranking/candidate-store.js';
import { foldIn } from '../dist/ranking/fold-in.js';
import { generator } from '../dist/ranking/generator.js';
import { nearest } from '../dist/ranking/nearest.js';
import { createRedisCandidateTarget } from '../dist/redis/candidate-target.js';
import { connectRedis } from '../dist/redis/connect.js';
import { section, table } from './measure.js';

const TITLES = 15_000;
const FACTORS = 256;
const LENGTH = 200;
const CHUNK = 1_024;
/** Vectors that differ; users beyond share them, their histories differ. */
const VECTORS = 8_192;
const WATCHES = 20;
const MATRIX_SECONDS = 5;
const CHECKED = 10;

function normals(count, random) {
  // Sums of uniforms: near enough to normal, and quick.
  return Float32Array.from({ length: count }, () => random() + random() + random() - 1.5);
}

/** Titles whose vectors differ in length, as trained ones do, and vectors of users. */
function world() {
  const random = generator(1);
  const items = normals(TITLES * FACTORS, random);
  for (let title = 0; title < TITLES; title++) {
    const length = 0.2 + random() ** 2;
    for (let f = 0; f < FACTORS; f++) items[title * FACTORS + f] *= length;
  }
  return { items, vectors: normals(VECTORS * FACTORS, random) };
}

/** CPU and wall microseconds of a user in the bare matrix product, on every core: the least that any way can take. */
async function bareMatrixProduct({ items, vectors }) {
  const batch = 256;
  const columns = new Float32Array(items.length);
  for (let title = 0; title < TITLES; title++)
    for (let f = 0; f < FACTORS; f++) columns[f * TITLES + title] = items[title * FACTORS + f];
  const session = await InferenceSession.create(
    onnxModel({
      inputs: [{ name: 'users', type: 'float32', shape: [batch, FACTORS] }],
      outputs: [{ name: 'products', type: 'float32', shape: [batch, TITLES] }],
      nodes: [{ op: 'MatMul', inputs: ['users', 'columns'], outputs: ['products'] }],
      initializers: [{ name: 'columns', shape: [FACTORS, TITLES], data: columns }],
    }),
    { intraOpNumThreads: availableParallelism() },
  );
  const feeds = { users: new Tensor('float32', vectors.subarray(0, batch * FACTORS), [batch, FACTORS]) };
  const products = {
    products: new Tensor('float32', new Float32Array(batch * TITLES), [batch, TITLES]),
  };
  await session.run(feeds, products);
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  let users = 0;
  for (; performance.now() - started < 1_000 * MATRIX_SECONDS; users += batch)
    await session.run(feeds, products);
  const wall = (1_000 * (performance.now() - started)) / users;
  const { user, system } = process.cpuUsage(cpu);
  await session.release();
  return { wall, cpu: (user + system) / users };
}

function* chunks({ vectors }, users) {
  const random = generator(2);
  for (let first = 0; first < users; first += CHUNK) {
    const length = Math.min(CHUNK, users - first);
    const from = (first % VECTORS) * FACTORS;
    yield {
      users: Array.from({ length }, (_, user) => `user-${first + user}`),
      histories: {
        starts: Int32Array.from({ length: length + 1 }, (_, user) => user * WATCHES),
        titles: Int32Array.from({ length: length * WATCHES }, () => Math.floor(random() * TITLES)),
        weights: new Float32Array(length * WATCHES).fill(1),
        factors: vectors.slice(from, from + length * FACTORS),
      },
    };
  }
}

async function openTarget(kind) {
  if (kind === 'redis') {
    const redis = await connectRedis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
    const prefix = `bench:${process.pid}`;
    const target = createRedisCandidateTarget(redis, prefix);
    await target.begin(
      { modelsVersion: 'bench', sources: ['ials'], length: LENGTH, users: 0, history: '' },
      false,
    );
    return {
      commit: (users, packed) => target.commit(users, packed),
      finish: () => target.finish(),
      async end() {
        for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 }))
          if (keys.length > 0) await redis.unlink(...keys);
        redis.disconnect();
      },
    };
  }
  const store = createMemoryCandidateStore();
  let bytes = 0;
  return {
    async commit(users, packed) {
      bytes += packed.bytes.length;
      await store.putPacked('bench', users, packed);
    },
    async finish() {
      const { users, bytes: held } = store.size('bench');
      return { users, bytes, bytesPerUserInStore: held / users };
    },
    end: () => store.close(),
  };
}

/** One row, in this process. */
async function measure(users, kind) {
  const made = world();
  const none = new Float32Array(TITLES);
  const job = {
    models: {
      catalogue: { size: TITLES, episodes: new Uint16Array(TITLES).fill(1) },
      ials: { factors: FACTORS, regularisation: 1, alpha: 1, items: made.items, gram: new Float64Array(0) },
      content: { dims: 1, vectors: none },
    },
    sources: ['ials'],
    length: LENGTH,
  };
  const bareBefore = await bareMatrixProduct(made);
  const target = await openTarget(kind);
  let checked = 0;
  const check = ({ histories }, packed) => {
    for (; checked < CHECKED; checked++) {
      const watched = new Set(histories.titles.subarray(checked * WATCHES, (checked + 1) * WATCHES));
      const vector = histories.factors.subarray(checked * FACTORS, (checked + 1) * FACTORS);
      const { titles } = nearest(made.items, vector, LENGTH, watched);
      // Behind the header and the lengths of two lists.
      const start = (checked === 0 ? 0 : packed.ends[checked - 1]) + 12;
      const found = new DataView(packed.bytes.buffer, packed.bytes.byteOffset);
      titles.forEach((title, place) => {
        if (found.getUint16(start + 2 * place, true) !== title)
          throw new Error(`user ${checked}: another title than the plain way has at place ${place}`);
      });
    }
  };
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  await retrieveInWorkers(job, chunks(made, users), async (chunk, packed) => {
    check(chunk, packed);
    await target.commit(chunk.users, packed);
  });
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const size = await target.finish();
  const peak = 1_024 * process.resourceUsage().maxRSS;
  await target.end();
  const bareAfter = await bareMatrixProduct(made);
  if (size.users !== users) throw new Error(`${size.users} of ${users} users are in the store`);
  return {
    users,
    kind,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peak,
    packed: size.bytes / users,
    stored: size.bytesPerUserInStore,
    bare: {
      wall: (bareBefore.wall + bareAfter.wall) / 2,
      cpu: (bareBefore.cpu + bareAfter.cpu) / 2,
    },
  };
}

/** Milliseconds of one exact fold-in: a cost of its own, where the vectors are not given. */
function foldInMilliseconds(factors) {
  const random = generator(3);
  const items = normals(TITLES * factors, random);
  const gram = new Float64Array(factors * factors);
  for (let f = 0; f < factors; f++) gram[f * factors + f] = TITLES / 4;
  const model = { factors, regularisation: 60, alpha: 3, items, gram };
  const weights = new Float32Array(WATCHES).fill(1);
  const once = () =>
    foldIn(
      model,
      Int32Array.from(weights, () => Math.floor(random() * TITLES)),
      weights,
    );
  for (let i = 0; i < 20; i++) once();
  const rounds = 64;
  const cpu = process.cpuUsage();
  for (let i = 0; i < rounds; i++) once();
  return process.cpuUsage(cpu).user / 1_000 / rounds;
}

export async function run() {
  const cores = availableParallelism();
  section(
    `Precomputation: top ${LENGTH} of ${TITLES} titles, ${FACTORS} dimensions, ${WATCHES} watches left out, ${cores} cores`,
  );
  const rows = [
    ['', 'seconds', 'CPU s', 'us/user', 'CPU us', 'bare CPU us', 'ratio', 'GiB', 'bytes', 'in store'],
  ];
  for (const [users, kind] of [
    [100_000, 'memory'],
    [400_000, 'memory'],
    [800_000, 'memory'],
    [100_000, 'redis'],
    [800_000, 'redis'],
  ]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), String(users), kind],
      { encoding: 'utf8' },
    );
    const name = `${users.toLocaleString('en')} users, ${kind}`;
    if (status !== 0) {
      console.error(`${name}: ${stderr.trim().split('\n').at(-1)}`);
      continue;
    }
    const row = JSON.parse(stdout);
    const cpuMicros = (1e6 * row.cpuSeconds) / users;
    rows.push([
      name,
      row.seconds.toFixed(1),
      row.cpuSeconds.toFixed(1),
      ((1e6 * row.seconds) / users).toFixed(1),
      cpuMicros.toFixed(1),
      row.bare.cpu.toFixed(1),
      (cpuMicros / row.bare.cpu).toFixed(2),
      (row.peak / 2 ** 30).toFixed(2),
      Math.round(row.packed),
      Math.round(row.stored),
    ]);
  }
  console.log(table(rows));
  console.log(
    '\nBare: the matrix product alone in the same process, before and after. GiB: resident at most. Bytes a user: packed, and as the ' +
      `store counts them. Vectors were given; an exact fold-in of ${WATCHES} watches beside takes ${foldInMilliseconds(32).toFixed(3)} CPU ms at 32 ` +
      `dimensions and ${foldInMilliseconds(FACTORS).toFixed(2)} at ${FACTORS}. The first ${CHECKED} users of each row were checked against the plain way.`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users, kind] = process.argv.slice(2);
  if (users === undefined) await run();
  else process.stdout.write(JSON.stringify(await measure(Number(users), kind)));
}
