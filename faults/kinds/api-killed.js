import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { demand, sleep } from '../measure.js';

/** Postmasters that run on the product's own folder. A backend that was forked a moment ago still bears the name of its parent. */
function postmasters(cache) {
  const found = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!line[0].endsWith('postgres') || !line.some((part) => part.startsWith(cache))) continue;
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      found.set(pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      // It ended meanwhile.
    }
  }
  return [...found.values()].filter((parent) => !found.has(parent)).length;
}

export const apiKilled = {
  name: 'api-killed',
  title: 'API killed',
  injection:
    'kill -9 at random times under load, every third with Postgres stopped before it, so that the journal alone has the records; one start in ten is killed too',
  holds: 'every acknowledged id is stored once; one database on the folder, none left when it ends',
  recovery: 'kill to the first acknowledged slate and event',
  runs: { full: 105, quick: 2 },
  async run(world, runs) {
    await world.up();
    const load = world.startLoad({ clients: 16 });
    const recoveries = [];
    try {
      for (let run = 0; run < runs; run++) {
        await world.acknowledgedAgain();
        if (run % 3 === 1) {
          world.database.pause();
          await world.more('accepted');
        }
        await sleep(randomInt(500));
        const started = performance.now();
        await world.end('SIGKILL');
        world.database.resume();
        if (run % 10 === 9) {
          const starting = world.up().catch(() => {});
          await sleep(randomInt(2_500));
          await world.end('SIGKILL');
          await starting;
        }
        await world.up();
        await world.acknowledgedAgain();
        recoveries.push(performance.now() - started);
        if (world.backend === 'embedded')
          demand(postmasters(world.cache) === 1, 'a second database runs on the folder');
      }
    } finally {
      await load.stop();
    }
    const verdict = await world.judge('api-killed');
    demand((await world.end('SIGTERM')) === 0, 'an asked-for end is not exit code 0');
    if (world.backend === 'embedded') demand(postmasters(world.cache) === 0, 'an orphan database is left');
    return { verdict, recoveries };
  },
};
