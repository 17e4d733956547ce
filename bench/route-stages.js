/**
 * The route's stages, one request at a time over HTTP, with its journal and its database: `node route-stages.js DATABASE_URL CACHE`
 * serves on a free port, asks itself nothing, and tells what each request took: a line of JSON with its port, then, when its input
 * ends, one with microseconds by stage, in order.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEventLog } from '../dist/db/event-log.js';
import { readDeclarations } from '../dist/files/declarations.js';
import { createRequestIds } from '../dist/http/request-ids.js';
import { createServer } from '../dist/http/server.js';
import { openSpool } from '../dist/journal/open-spool.js';
import { prepare } from '../dist/prepare.js';
import { openStores } from '../dist/stores.js';
import { recommenderOf, worldOf } from './pipeline.js';

const VIEWERS = 2_000;
const [databaseUrl, cacheFolder] = process.argv.slice(2);
const micros = () => performance.now() * 1000;

const read = await readDeclarations(fileURLToPath(new URL('../experiments', import.meta.url)));
if (!read.ok) throw new Error(read.errors[0].message);
const prepared = await prepare({ dataFolder: undefined, cacheFolder, viewers: VIEWERS, seed: 1 });
const world = await worldOf(prepared, 200);
const stores = await openStores({ databaseUrl, redisUrl: undefined, cacheFolder, keyPrefix: 'bench' });
const journal = mkdtempSync(join(tmpdir(), 'screentest-bench-journal-'));
const eventLog = await openSpool(journal, createEventLog(stores.db));
const recommender = recommenderOf(world, read.declarations);

/** Moments of the request under way: there is one at a time. */
const moments = { arrived: 0, asked: 0, ranked: 0, durable: 0 };
const taken = new Map();
function note(stage, micros) {
  const own = taken.get(stage) ?? [];
  own.push(micros);
  taken.set(stage, own);
}

const app = createServer({
  environment: 'bench',
  recommender: {
    ...recommender,
    async recommend(inputs) {
      moments.asked = micros();
      const answers = await recommender.recommend(inputs);
      moments.ranked = micros();
      note('parse', moments.asked - moments.arrived);
      let known = 0;
      for (const { stage, micros } of answers[0].request.stages) {
        note(stage, micros);
        known += micros;
      }
      note('records', moments.ranked - moments.asked - known);
      return answers;
    },
  },
  viewers: world.viewers,
  eventLog: {
    ...eventLog,
    async append(records) {
      await eventLog.append(records);
      moments.durable = micros();
      note('log', moments.durable - moments.ranked);
    },
  },
  declarations: () => read.declarations,
  models: () => world.models,
  states: () => new Map(),
  clock: () => world.models.trending.asOf,
  newId: createRequestIds(Date.now),
  ready: () => [],
});
await app.listen({ port: 0, host: '127.0.0.1' });
app.server.prependListener('request', (_request, response) => {
  moments.arrived = micros();
  response.once('finish', () => {
    note('serialise', micros() - moments.durable);
    note('in all', micros() - moments.arrived);
  });
});
console.log(JSON.stringify({ port: app.server.address().port }));
process.stdin.resume().once('end', async () => {
  console.log(JSON.stringify([...taken]));
  await app.close();
  await eventLog.close();
  process.exit(0);
});
