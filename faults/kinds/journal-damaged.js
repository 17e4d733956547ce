import { randomInt } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readBlock } from '../../dist/db/read-block.js';
import { readFrames } from '../../dist/journal/frame.js';
import { decodeRecord } from '../../dist/journal/record-bytes.js';
import { demand, sleep } from '../measure.js';

/** Ids of the records that stand at or behind a place of a segment. */
function idsFrom(bytes, offset) {
  const { end } = readFrames(bytes.subarray(0, offset), 0);
  return readFrames(bytes, end).payloads.flatMap((payload) => {
    const { requests, outcomes } = decodeRecord(payload);
    const events = outcomes === undefined ? [] : readBlock(outcomes).map(({ record }) => record);
    return [...requests, ...events].map(({ id }) => id);
  });
}

/** Bytes of a segment that had reached the database. */
function handedOn(path) {
  try {
    const { segment, offset } = JSON.parse(readFileSync(join(dirname(path), 'cursor.json'), 'utf8'));
    return segment === Number.parseInt(basename(path), 10) ? offset : 0;
  } catch {
    return 0;
  }
}

export const journalDamaged = {
  name: 'journal-damaged',
  title: 'journal damaged',
  injection:
    'Postgres stopped, records kept in the journal, kill -9; then its last segment is cut anywhere, or a byte flipped; started again',
  holds: 'what stands before the damage is stored, the damage is counted, it starts at once',
  recovery: 'start to ready and drained',
  runs: { full: 10, quick: 2 },
  async run(world, runs) {
    const { database } = world;
    const excused = new Set();
    const recoveries = [];
    for (let run = 0; run < runs; run++) {
      await world.up();
      const load = world.startLoad({ thinkMs: 5 });
      try {
        await world.acknowledgedAgain();
        database.pause();
        await world.more('accepted');
        await sleep(300);
      } finally {
        await world.end('SIGKILL');
        database.resume();
        await load.stop();
      }
      const path = world.segments().at(-1);
      const bytes = readFileSync(path);
      const from = handedOn(path);
      demand(bytes.byteLength > from, 'the journal held nothing');
      const at = randomInt(from, bytes.byteLength);
      for (const id of idsFrom(bytes, at)) excused.add(id);
      if (run % 2 === 0) truncateSync(path, at);
      else {
        bytes[at] ^= 1 << randomInt(8);
        writeFileSync(path, bytes);
      }
      const started = performance.now();
      await world.up();
      if (run % 2 === 1)
        demand(
          (await world.metric('screentest_journal_damaged_bytes_total')) > 0,
          'the damage is not counted',
        );
      await world.drained();
      recoveries.push(performance.now() - started);
    }
    const verdict = await world.judge('journal-damaged', excused);
    return { verdict, recoveries, note: `${excused.size} ids behind the damage are excused` };
  },
};
