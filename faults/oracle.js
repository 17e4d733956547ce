import { unpack } from '../dist/events/pack.js';
import { query } from './database.js';
import { digest } from './ledger.js';

/** Titles of the catalogue by row. */
async function titlesOf(url) {
  const rows = await query(url, 'select row, id from title');
  const ids = [];
  for (const { row, id } of rows) ids[row] = id;
  return ids;
}

/** Rows by id, as often as each is stored. */
function byId(rows) {
  const found = new Map();
  for (const row of rows) {
    const same = found.get(row.id);
    if (same === undefined) found.set(row.id, [row]);
    else same.push(row);
  }
  return found;
}

const exposureKey = (experiment, iteration, unit) => `${experiment} ${iteration} ${unit}`;

function requestFault({ answer }, row, titles, exposures, forced) {
  const slate = digest([...unpack(row.slate).slate.titles].map((title) => titles[title]));
  const { user, pipeline, models, titles: shown } = answer;
  if (row.unit !== user || row.pipeline !== pipeline || row.models !== models || slate !== shown)
    return `request ${row.id} is stored with another payload`;
  for (const { experiment, iteration, variant } of answer.exposed) {
    const kept = exposures.get(exposureKey(experiment, iteration, row.unit));
    if (kept === undefined) return `no exposure of ${row.unit} to ${experiment}`;
    // Who was shown another arm by force is kept, and excluded, as crossed.
    if (forced.has(`${experiment} ${row.unit}`) && (kept.crossed || kept.variant === variant)) continue;
    if (kept.variant !== variant || kept.crossed)
      return `${row.unit} is stored in ${kept.variant} of ${experiment} instead of ${variant}`;
  }
  return undefined;
}

function eventFault({ event }, row, titles) {
  const { id, user, at, value, title, name, request_id } = event;
  const stored = [row.unit, Number(row.at), Number(row.value[0]), titles[row.title[0]], row.name];
  return JSON.stringify([...stored, row.request_id, row.value.length]) ===
    JSON.stringify([user, at, value, title, name, request_id, 1])
    ? undefined
    : `event ${id} is stored with another payload`;
}

/**
 * Holds the database to the ledger: each acknowledged id is stored, once, with its payload; no id is stored that nobody sent.
 *
 * @param url      of the database
 * @param excused  ids whose only copy the fault itself destroyed
 * @returns counts and the first examples, of what was sent under the named fault; ids nobody sent are nobody's and count always
 */
export async function judge(url, ledger, fault, excused = new Set()) {
  const titles = await titlesOf(url);
  const requests = byId(await query(url, 'select id, unit, pipeline, models, slate from request'));
  const events = byId(
    await query(
      url,
      `select outcome.id, unit, at, value, title, request_id, outcome_name.name
       from outcome join outcome_name on outcome_name.id = name_id[1]`,
    ),
  );
  const exposures = new Map();
  for (const row of await query(url, 'select experiment, iteration, unit, variant, crossed from exposure'))
    exposures.set(exposureKey(row.experiment, row.iteration, row.unit), row);

  const verdict = { acknowledged: 0, lost: 0, duplicated: 0, altered: 0, invented: 0, examples: [] };
  const say = (what, example) => {
    verdict[what]++;
    if (verdict.examples.length < 5) verdict.examples.push(`${what}: ${example}`);
  };
  const hold = (kind, sent, stored, acknowledged, faultOf) => {
    for (const [id, entry] of sent) {
      if (entry.fault !== fault || excused.has(id)) continue;
      const rows = stored.get(id) ?? [];
      if (rows.length > 1) say('duplicated', `${kind} ${id}, ${rows.length} times`);
      if (entry.refused !== undefined) say('altered', `event ${id} was refused: ${entry.refused}`);
      if (!acknowledged(entry)) continue;
      verdict.acknowledged++;
      if (rows.length === 0) say('lost', `${kind} ${id}`);
      else {
        const wrong = faultOf(entry, rows[0]);
        if (wrong !== undefined) say('altered', wrong);
      }
    }
    for (const id of stored.keys()) if (!sent.has(id)) say('invented', `${kind} ${id}`);
  };
  hold(
    'request',
    ledger.requests,
    requests,
    ({ answer }) => answer !== undefined,
    (entry, row) => requestFault(entry, row, titles, exposures, ledger.forced),
  );
  hold(
    'event',
    ledger.events,
    events,
    ({ status }) => status !== undefined,
    (entry, row) => eventFault(entry, row, titles),
  );
  return verdict;
}
