import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDeclarations } from '../../dist/declaration/parse.js';
import { readSources } from '../../dist/files/declarations.js';
import { readGenerations } from '../../dist/files/generations.js';
import { stageDefinitions } from '../../dist/variants/registry.js';
import { ask } from '../ask.js';
import { demand, sleep } from '../measure.js';

const saver = fileURLToPath(new URL('../save-generations.js', import.meta.url));

/** Kills a process that saves. @returns the last generation it said was saved, or `last` */
async function killWhileSaving(folder, sources, last) {
  const child = spawn(process.execPath, [saver, folder, String(last + 1), sources], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (chunk) => {
    told += chunk;
  });
  while (told === '' && child.exitCode === null) await sleep(2);
  await sleep(randomInt(25));
  child.kill('SIGKILL');
  await once(child, 'close');
  return Number(told.trim().split('\n').at(-1));
}

export const configSave = {
  name: 'config-save',
  title: 'configuration saved',
  injection:
    'kill -9 of a process that saves one generation of declarations after the other; and a product started on a folder whose file was cut in the middle',
  holds:
    'each time the newest generation is whole, readable as declarations and none older than the last one acknowledged; the product serves the last good declarations and says so',
  recovery: 'reading the newest generation',
  runs: { full: 1_000, quick: 30 },
  async run(world, runs) {
    const folder = join(world.cache, 'config-save');
    const sources = join(world.cache, 'config-save.json');
    const files = await readSources(world.experiments);
    writeFileSync(sources, JSON.stringify(files));
    const verdict = { acknowledged: 0, lost: 0, duplicated: 0, altered: 0, invented: 0, examples: [] };
    const recoveries = [];
    let last = 0;
    for (let run = 0; run < runs; run++) {
      const before = last;
      last = await killWhileSaving(folder, sources, last);
      verdict.acknowledged += last - before;
      const started = performance.now();
      const { newest, damaged } = await readGenerations(folder);
      recoveries.push(performance.now() - started);
      if (newest === undefined || newest.number < last) verdict.lost++;
      if (damaged.length > 0) verdict.altered++;
      // One that was whole when its writer was killed, before it could say so, counts as well.
      last = newest?.number ?? last;
      const read = JSON.parse(newest.text);
      if (read.at(-1).text !== String(newest.number)) verdict.altered++;
      if (run % 50 === 0 || run === runs - 1)
        demand(
          parseDeclarations(read.slice(0, -1), stageDefinitions).ok,
          'the newest generation is no set of declarations',
        );
    }

    await world.up();
    const path = join(world.experiments, 'homepage-hybrid.yaml');
    const whole = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, whole.slice(0, whole.length / 2));
      await world.end('SIGKILL');
      await world.up();
      demand(
        (await world.metric('screentest_configuration_refused')) === 1,
        'a broken folder is not told of',
      );
      const { notes } = JSON.parse((await ask(`${world.url}/readyz`)).text);
      demand(notes.join().includes('homepage-hybrid.yaml'), '/readyz does not name the broken file');
      const { status } = await ask(`${world.url}/v1/experiments/homepage-hybrid`);
      demand(status === 200, 'the last good declarations are not served');
    } finally {
      writeFileSync(path, whole);
    }
    const { status } = await ask(`${world.url}/v1/configuration/reload`, { method: 'POST', body: {} });
    demand(status === 200, 'the mended folder is not taken');
    demand(
      (await world.metric('screentest_configuration_refused')) === 0,
      'a mended folder is still refused',
    );
    return { verdict, recoveries };
  },
};
