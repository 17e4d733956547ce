import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgent } from '../ask.js';
import { demand, sleep } from '../measure.js';
import { reports, seed } from './replays.js';

const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find(existsSync);
/** Seconds that the server's clock is ahead of the true one, in turn: forward, back over it, and right again. */
const JUMPS = [3_600, -3_600, 0, -5];

export const clockJumps = {
  name: 'clock-jumps',
  title: "the server's clock jumps",
  injection: `libfaketime sets the running server's clock ${JUMPS.join(', ')} s off, under TZ=America/New_York, whose hour is skipped and repeated; first with reports of one cut-off, then under load`,
  holds:
    'the reports are the same, byte by byte: windows count by the times in the records; what is acknowledged is stored once, with its own times',
  recovery: undefined,
  runs: { full: 2, quick: 1 },
  skip: () => (LIBRARY === undefined ? 'libfaketime is not installed (Debian: libfaketime)' : undefined),
  async run(world, runs) {
    const agent = createAgent();
    const file = join(mkdtempSync(join(tmpdir(), 'clock-')), 'offset');
    const jump = (seconds) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}`);
    jump(0);
    await world.up();
    await world.end('SIGTERM');
    await world.up({
      environment: {
        TZ: 'America/New_York',
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
      },
    });
    await seed(world, agent);
    await world.drained();
    const cutoff = Date.now() + 1_000;
    const before = await reports(world, cutoff);
    let asked = 0;
    for (const seconds of JUMPS) {
      jump(seconds);
      demand(
        (await reports(world, cutoff + ++asked)) === before,
        `a clock ${seconds} s off changed a report`,
      );
    }
    const load = world.startLoad();
    try {
      for (let run = 0; run < runs; run++) {
        for (const seconds of JUMPS) {
          jump(seconds);
          await world.acknowledgedAgain();
          await sleep(500);
        }
      }
    } finally {
      await load.stop();
    }
    jump(0);
    const verdict = await world.judge('clock-jumps');
    await world.end('SIGTERM');
    agent.destroy();
    return { verdict, recoveries: [] };
  },
};
