import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { FAULTS } from './catalogue.js';
import { quantile } from './measure.js';

const HEAD = [
  'fault',
  'on',
  'runs',
  'acknowledged',
  'lost',
  'duplicated',
  'altered',
  'invented',
  '95 % bound',
  'recovery p50',
  'p99',
  'outcome',
];
const seconds = (ms) => (ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s`);
const line = (cells) => `| ${cells.join(' | ')} |`;

/** At 95 % the rate of losses is below this where none was seen: the rule of three (Hanley and Lippman-Hand 1983). */
function bound({ acknowledged, lost }) {
  if (lost > 0 || acknowledged === 0) return '';
  return `below 1 in ${Math.floor(acknowledged / 3).toLocaleString('en')}`;
}

function row({ name, backend, runs, verdict, recoveries = [], skipped, failed, note }) {
  if (skipped !== undefined) return [name, backend, ...Array(9).fill(''), `skipped: ${skipped}`];
  if (verdict === undefined) return [name, backend, runs, ...Array(8).fill(''), `**FAILED**: ${failed}`];
  const { acknowledged, lost, duplicated, altered, invented } = verdict;
  const holds = lost + duplicated + altered + invented === 0;
  return [
    name,
    backend,
    runs,
    acknowledged.toLocaleString('en'),
    lost,
    duplicated,
    altered,
    invented,
    bound(verdict),
    seconds(quantile(recoveries, 0.5)),
    seconds(quantile(recoveries, 0.99)),
    `${holds ? 'holds' : '**FAILED**'}${note ? `; ${note}` : ''}`,
  ];
}

export function resultTable(results) {
  const rule = HEAD.map((_, i) => (i >= 2 && i <= 10 ? '---:' : '---'));
  return [HEAD, rule, ...results.map(row)].map(line).join('\n');
}

const KEPT = new URL('../bench/faults.json', import.meta.url);
const DOCUMENT = new URL('../bench/FAULTS.md', import.meta.url);

/** Puts the result of one fault in the place of the one that was kept of it, and makes bench/FAULTS.md anew. */
export function keepResult(backend, { told, ...result }) {
  const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {};
  const machine = `${availableParallelism()} x ${cpus()[0].model}`;
  const date = new Date().toISOString().slice(0, 10);
  kept[`${backend} ${result.name}`] = {
    ...result,
    recoveries: result.recoveries?.map(Math.round),
    date,
    machine,
  };
  writeFileSync(KEPT, `${JSON.stringify(kept)}\n`);
  writeFileSync(DOCUMENT, `${documentOf(kept)}\n`);
}

function documentOf(kept) {
  const results = ['embedded', 'real'].flatMap((backend) =>
    FAULTS.map(({ name }) => kept[`${backend} ${name}`] ?? { name, backend, skipped: 'not run yet' }),
  );
  const described = FAULTS.flatMap(({ name }) => {
    const found = results.find((result) => result.name === name && result.injection !== undefined);
    return found === undefined ? [] : [found];
  });
  const kills = (name) =>
    results.filter((result) => result.name === name).reduce((sum, { runs = 0 }) => sum + runs, 0);
  const measured = Object.values(kept);
  const dates = [...new Set(measured.map(({ date }) => date))].sort().join(', ');
  const machines = [...new Set(measured.map(({ machine }) => machine))].join(', ');
  return [
    '# Faults',
    `Made wholly by \`npm run faults\`, in one run or fault by fault (\`--only\`): ${dates}, on ${machines}. Both kinds of servers are run at the same time: recovery times are those of this machine under the load of both.`,
    `Ids are issued, every acknowledgement (a 200 for a slate; \`stored\`, \`accepted\` or \`duplicate\` for an event) is an obligation, and after each fault the database is held against the ledger: **lost** are acknowledged ids that are not stored, **duplicated** ids stored more than once, **altered** ids stored with another payload (unit, titles of the slate, pipeline, models and exposures of a request; unit, time, value, title, name and request of an event), **invented** ids that nobody sent. A slate served outside its experiments says so and promises nothing. Where nothing was lost, the rate of losses is below 3/N with 95 % confidence. One event in five comes from a clock that is wrong by up to an hour. A kill takes nothing from the system's memory: that nothing is acknowledged before the disk has it is what \`sync-fails\` shows. In all ${kills('api-killed')} kills of the API and ${kills('database-killed')} of Postgres.`,
    resultTable(results),
    '## What is injected, and what must hold',
    ...described.map(
      ({ name, title, injection, holds, recovery }) =>
        `- **${title}** (\`${name}\`): ${injection}. Must hold: ${holds}.${recovery ? ` Recovery: ${recovery}.` : ''}`,
    ),
  ].join('\n\n');
}
