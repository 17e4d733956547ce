import { Packr } from 'msgpackr';
import { blockOf, type OutcomeBlock } from '../db/outcome-block.ts';
import { type DeadLetter, letter } from '../events/dead-letter.ts';
import { packAll } from '../events/pack.ts';
import type { PackedRequest } from '../events/packed-request.ts';
import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../events/records.ts';
import { type Dictionary, dictionary, valueAt } from './dictionary.ts';

/** What one call makes durable. */
export interface JournalRecord<Request = RequestRecord> {
  /** Epoch ms at which the records came in. */
  readonly receivedAt: number;
  readonly requests: readonly Request[];
  readonly exposures: readonly ExposureRecord[];
  /** Undefined where there are none. */
  readonly outcomes: OutcomeBlock | undefined;
  readonly deadLetters: readonly DeadLetter[];
}

/** Version 2 had an object for each outcome, version 1 one for each request and exposure as well, in pairs with the bytes of the former's run. */
const VERSION = 3;
// Without shared structures: every record can be read alone.
const codec = new Packr({ useRecords: false });

/** Requests of one call share most of what these hold. */
const SHARED = [
  'environment',
  'surface',
  'device',
  'country',
  'configuration',
  'models',
  'pipeline',
  'error',
  'fallback',
] as const;
const OWN = ['id', 'unit', 'at', 'totalMicros', 'simpsonMicro', 'longTail'] as const;
const EXPOSURE = [
  'environment',
  'experiment',
  'iteration',
  'variant',
  'forced',
  'phase',
  'attributes',
  'configuration',
] as const;

type Shared<Row, Name extends keyof Row> = { readonly [name in Name]: Dictionary<Row[name]> };

/** `runs` as `packAll` writes them. */
interface RequestColumns {
  readonly shared: Shared<RequestRecord, (typeof SHARED)[number]>;
  readonly own: { readonly [name in (typeof OWN)[number]]: readonly RequestRecord[name][] };
  readonly runs: Uint8Array;
  readonly ends: readonly number[];
}

/** What an exposure shares with its request is not written again. */
interface ExposureColumns {
  /** By exposure: row of the request with the same id, unit and time, or -1. */
  readonly requests: readonly number[];
  readonly shared: Shared<ExposureRecord, (typeof EXPOSURE)[number]>;
  /** Of those without: unit, time, id of the request (null for none). */
  readonly alone: readonly (readonly [string, number, string | null])[];
}

/** MessagePack of the version, then each part; requests and exposures by columns. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  const { receivedAt, requests, exposures, outcomes, deadLetters } = record;
  return codec.pack([
    VERSION,
    receivedAt,
    requests.length === 0 ? null : requestColumns(requests),
    exposures.length === 0 ? null : exposureColumns(exposures, requests),
    outcomes === undefined ? null : [outcomes.names, outcomes.days, outcomes.lengths, outcomes.rows],
    deadLetters.map(({ environment, reason, text }) => [environment, reason, text]),
  ]);
}

function requestColumns(requests: readonly RequestRecord[]): RequestColumns {
  const { bytes, ends } = packAll(requests);
  return {
    shared: sharedColumns(requests, SHARED),
    own: Object.fromEntries(
      OWN.map((name) => [name, requests.map((request) => request[name])]),
    ) as unknown as RequestColumns['own'],
    runs: bytes,
    ends,
  };
}

function exposureColumns(
  exposures: readonly ExposureRecord[],
  requests: readonly RequestRecord[],
): ExposureColumns {
  const alone: [string, number, string | null][] = [];
  // They come in the order of their requests.
  let row = 0;
  const rows = exposures.map(({ requestId, unit, at }) => {
    for (let tried = 0; tried < requests.length; tried++) {
      const request = requests[row]!;
      if (request.id === requestId && request.unit === unit && request.at === at) return row;
      row = row + 1 === requests.length ? 0 : row + 1;
    }
    alone.push([unit, at, requestId ?? null]);
    return -1;
  });
  return { requests: rows, shared: sharedColumns(exposures, EXPOSURE), alone };
}

function sharedColumns<Row, Name extends string & keyof Row>(
  rows: readonly Row[],
  names: readonly Name[],
): Shared<Row, Name> {
  return Object.fromEntries(
    names.map((name) => [name, dictionary(rows, (row) => row[name])]),
  ) as unknown as Shared<Row, Name>;
}

/** @throws RangeError when the bytes are of another version or no record */
export function decodeRecord(bytes: Uint8Array): JournalRecord<PackedRequest> {
  const [version, receivedAt, rows, exposures, outcomes, deadLetters] = codec.unpack(bytes) as unknown[];
  if (version !== 1 && version !== 2 && version !== VERSION)
    throw new RangeError(
      `a journal record of version ${String(version)}; this program reads 1 to ${VERSION}`,
    );
  const requests = version === 1 ? readPairs(rows as Pairs) : readRequests(rows as RequestColumns | null);
  return {
    receivedAt: receivedAt as number,
    requests,
    exposures:
      version === 1
        ? (exposures as ExposureRecord[])
        : readExposures(exposures as ExposureColumns | null, requests),
    outcomes:
      version === VERSION
        ? readOutcomes(outcomes as BlockParts | null)
        : olderOutcomes(outcomes as OutcomeRecord[], receivedAt as number),
    deadLetters:
      version === VERSION
        ? (deadLetters as LetterParts[]).map(([environment, reason, text]) => ({
            environment,
            receivedAt: receivedAt as number,
            reason,
            text,
          }))
        : (deadLetters as OlderLetter[]).map(({ environment, record, reason }) =>
            letter(environment, receivedAt as number, record, reason),
          ),
  };
}

type LetterParts = readonly [environment: string, reason: string, text: string];

interface OlderLetter {
  readonly environment: string;
  readonly record: unknown;
  readonly reason: string;
}

type BlockParts = readonly [
  OutcomeBlock['names'],
  OutcomeBlock['days'],
  OutcomeBlock['lengths'],
  OutcomeBlock['rows'],
];

function readOutcomes(parts: BlockParts | null): OutcomeBlock | undefined {
  if (parts === null) return undefined;
  const [names, days, lengths, rows] = parts;
  return { names, days, lengths, rows };
}

function olderOutcomes(outcomes: readonly OutcomeRecord[], receivedAt: number): OutcomeBlock | undefined {
  return outcomes.length === 0 ? undefined : blockOf(outcomes, receivedAt);
}

type Pairs = readonly (readonly [Omit<PackedRequest, 'run'>, Uint8Array])[];

function readPairs(pairs: Pairs): PackedRequest[] {
  return pairs.map(([fields, run]) => ({ ...fields, run }));
}

function readRequests(columns: RequestColumns | null): PackedRequest[] {
  if (columns === null) return [];
  const { shared, own, runs, ends } = columns;
  return ends.map((end, row) => ({
    environment: valueAt(shared.environment, row),
    id: own.id[row]!,
    unit: own.unit[row]!,
    at: own.at[row]!,
    surface: valueAt(shared.surface, row),
    device: valueAt(shared.device, row),
    country: valueAt(shared.country, row),
    configuration: valueAt(shared.configuration, row),
    models: valueAt(shared.models, row),
    pipeline: valueAt(shared.pipeline, row),
    error: valueAt(shared.error, row),
    fallback: valueAt(shared.fallback, row),
    totalMicros: own.totalMicros[row]!,
    simpsonMicro: own.simpsonMicro[row]!,
    longTail: own.longTail[row]!,
    run: runs.subarray(row === 0 ? 0 : ends[row - 1]!, end),
  }));
}

function readExposures(
  columns: ExposureColumns | null,
  requests: readonly PackedRequest[],
): ExposureRecord[] {
  if (columns === null) return [];
  const { requests: rows, shared, alone } = columns;
  let next = 0;
  return rows.map((request, row) => {
    const { id, unit, at } = request < 0 ? readAlone(alone[next++]!) : requests[request]!;
    return {
      environment: valueAt(shared.environment, row),
      experiment: valueAt(shared.experiment, row),
      iteration: valueAt(shared.iteration, row),
      unit,
      variant: valueAt(shared.variant, row),
      at,
      ...(id === undefined ? {} : { requestId: id }),
      forced: valueAt(shared.forced, row),
      phase: valueAt(shared.phase, row),
      attributes: valueAt(shared.attributes, row),
      configuration: valueAt(shared.configuration, row),
    };
  });
}

function readAlone([unit, at, id]: ExposureColumns['alone'][number]) {
  return { unit, at, id: id ?? undefined };
}
