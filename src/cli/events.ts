import { type Command, InvalidArgumentError } from 'commander';
import { connect, type Database } from '../db/connect.ts';
import { countLetters, type LetterFilter } from '../db/dead-letters.ts';
import { createEventLog } from '../db/event-log.ts';
import { embeddedAddress } from '../embedded/address.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { type EventVerdict, replayLetters, type SendEvents } from '../replay-letters.ts';
import { createProgressReporter } from './progress.ts';

interface LetterOptions extends LetterFilter {
  readonly databaseUrl?: string;
  readonly cache: string;
  readonly json?: boolean;
}

interface ReplayCommandOptions extends LetterOptions {
  readonly url: string;
  readonly dryRun?: boolean;
}

const TIMEOUT_MS = 30_000;

export function registerEvents(program: Command): void {
  const events = program
    .command('events')
    .description('events that could not be used: list them, replay them');
  withFilter(events.command('dead-letters'))
    .description('list events that were put aside and not replayed, by reason')
    .action(list);
  withFilter(events.command('replay'))
    .description(
      'store the dead letters that can be used now, and mark them; exit code 1 where some still cannot',
    )
    .option('--url <url>', 'the running server that judges them', 'http://localhost:8080')
    .option('--dry-run', 'only tell what would be done')
    .action(replay);
}

function withFilter(command: Command): Command {
  return command
    .option('--environment <name>', 'of this environment alone')
    .option('--reason <text>', 'whose reason holds this text')
    .option('--since <time>', 'received from then on: ISO 8601 with a zone', time)
    .option('--until <time>', 'received before then', time)
    .option(
      '--database-url <url>',
      'their database; default: DATABASE_URL, or the embedded one of a running server',
    )
    .option('--cache <folder>', 'where the embedded database is', '.screentest')
    .option('--json', 'print the answer as JSON');
}

function time(text: string): number {
  const at = /T.*([Zz]|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('it should read like 2026-10-01T12:00:00Z');
  return at;
}

async function withDatabase<T>(options: LetterOptions, work: (db: Database) => Promise<T>): Promise<T> {
  const url = options.databaseUrl ?? process.env.DATABASE_URL ?? (await embeddedAddress(options.cache));
  if (url === undefined)
    throw new InvalidInput(
      `no database runs below ${options.cache}; start the server, or name one with --database-url or DATABASE_URL`,
    );
  const db = connect(url, { name: 'screentest events', connections: 3 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printJson = (answer: object): void => print(JSON.stringify(answer, undefined, 2));

async function list(options: LetterOptions): Promise<void> {
  const reasons = await withDatabase(options, (db) => countLetters(db, options));
  if (options.json) return printJson({ schema: 'screentest/dead-letters/v1', reasons });
  if (reasons.length === 0) return print('No dead letters.');
  const iso = (at: number) => new Date(at).toISOString();
  for (const { environment, reason, letters, first, last } of reasons)
    print(`${String(letters).padStart(8)}  ${environment}  ${iso(first)} to ${iso(last)}  ${reason}`);
}

async function replay(options: ReplayCommandOptions): Promise<void> {
  const { url, dryRun = false } = options;
  const report = createProgressReporter(process.stderr);
  const found = await withDatabase(options, async (db) => {
    const eventLog = createEventLog(db);
    const letters = (await countLetters(db, options)).reduce((sum, reason) => sum + reason.letters, 0);
    try {
      return await report.phase(
        dryRun ? 'judge dead letters' : 'replay dead letters',
        'letters',
        (progress) =>
          replayLetters({
            db,
            eventLog,
            send: senderTo(url),
            filter: options,
            dryRun,
            now: Date.now,
            progress: (looked) => progress(looked, letters),
          }),
      );
    } finally {
      await eventLog.close();
    }
  });
  const failing = [...found.failing]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, letters]) => ({ reason, letters }));
  const { letters, stored, duplicates } = found;
  if (options.json)
    printJson({ schema: 'screentest/replay/v1', dryRun, letters, stored, duplicates, failing });
  else {
    print(
      `${letters} dead letters: ${stored} ${dryRun ? 'can be stored' : 'stored'}, ${duplicates} ${dryRun ? 'are' : 'were'} stored already, ${letters - stored - duplicates} still cannot be used`,
    );
    for (const one of failing) print(`${String(one.letters).padStart(8)}  ${one.reason}`);
  }
  process.exitCode = failing.length > 0 ? 1 : 0;
}

/** Bytes of one request's events: below what the server takes. */
const REQUEST_BYTES = 200_000;

/** Through the API of a running server, which knows declarations and titles. */
function senderTo(url: string): SendEvents {
  return async (events, dry) => {
    const address = new URL(
      `v1/events?${dry ? 'dry=true' : 'wait=stored'}`,
      url.endsWith('/') ? url : `${url}/`,
    );
    const verdicts: EventVerdict[] = [];
    for (const part of inParts(events)) verdicts.push(...(await post(address, part)));
    return verdicts;
  };
}

function inParts(events: readonly unknown[]): string[] {
  const parts: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const text = JSON.stringify(event);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > REQUEST_BYTES) {
      parts.push([]);
      bytes = Buffer.byteLength(text);
    }
    parts.at(-1)!.push(text);
  }
  return parts.map((part) => `{"events":[${part.join()}]}`);
}

async function post(address: URL, body: string): Promise<readonly EventVerdict[]> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause) => {
    throw new Error(
      `no server answers at ${address.origin}; start one with npm start, or name it with --url`,
      { cause },
    );
  });
  const answer = (await response.json()) as {
    results?: readonly EventVerdict[];
    error?: { message: string };
  };
  if (answer.results !== undefined) return answer.results;
  throw new Error(
    `the server answered ${response.status}: ${answer.error?.message}; what was replayed before is marked`,
  );
}
