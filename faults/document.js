import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
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

/** bench/FAULTS.md, made wholly from one run. */
export function writeDocument(results, minutes) {
  const described = results.filter(({ injection }, i) => {
    const { name } = results[i];
    return injection !== undefined && results.findIndex((result) => result.name === name) === i;
  });
  const kills = (name) =>
    results.filter((result) => result.name === name).reduce((sum, { runs = 0 }) => sum + runs, 0);
  const text = [
    '# Faults',
    `Made wholly by \`npm run faults\` on ${new Date().toISOString().slice(0, 10)}: ${minutes.toFixed(0)} minutes on ${availableParallelism()} cores (${cpus()[0].model}), both kinds of servers at the same time. Recovery times are those of this machine under the load of both.`,
    `Ids are issued, every acknowledgement (a 200 for a slate; \`stored\`, \`accepted\` or \`duplicate\` for an event) is an obligation, and after each fault the database is held against the ledger: **lost** are acknowledged ids that are not stored, **duplicated** ids stored more than once, **altered** ids stored with another payload (unit, titles of the slate, pipeline, models and exposures of a request; unit, time, value, title, name and request of an event), **invented** ids that nobody sent. A slate served outside its experiments says so and promises nothing. Where nothing was lost, the rate of losses is below 3/N with 95 % confidence. One event in five comes from a clock that is wrong by up to an hour. A kill takes nothing from the system's memory: that nothing is acknowledged before the disk has it is what \`sync-fails\` shows. In all ${kills('api-killed')} kills of the API and ${kills('database-killed')} of Postgres.`,
    resultTable(results),
    '## What is injected, and what must hold',
    ...described.map(
      ({ name, title, injection, holds, recovery }) =>
        `- **${title}** (\`${name}\`): ${injection}. Must hold: ${holds}.${recovery ? ` Recovery: ${recovery}.` : ''}`,
    ),
  ].join('\n\n');
  writeFileSync(new URL('../bench/FAULTS.md', import.meta.url), `${text}\n`);
}
