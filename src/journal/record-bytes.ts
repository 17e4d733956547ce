import { Packr } from 'msgpackr';
import { pack, unpack } from '../events/pack.ts';
import type { ExposureRecord, OutcomeRecord, RequestRecord } from '../events/records.ts';

/** What one call makes durable. */
export interface JournalRecord {
  /** Epoch ms at which the records came in. */
  readonly receivedAt: number;
  readonly requests: readonly RequestRecord[];
  readonly exposures: readonly ExposureRecord[];
  readonly outcomes: readonly OutcomeRecord[];
  readonly deadLetters: readonly {
    readonly environment: string;
    readonly record: unknown;
    readonly reason: string;
  }[];
}

const VERSION = 1;
// Without shared structures: every record can be read alone.
const codec = new Packr({ useRecords: false });

/** MessagePack: the version, then each part; of a request the fields beside what `pack` keeps of its slate and stages. */
export function encodeRecord({
  receivedAt,
  requests,
  exposures,
  outcomes,
  deadLetters,
}: JournalRecord): Uint8Array {
  const rows = requests.map((request) => {
    const { slate: _, stages: __, skipped: ___, relaxed: ____, ...fields } = request;
    return [fields, pack(request)];
  });
  return codec.pack([VERSION, receivedAt, rows, exposures, outcomes, deadLetters]);
}

/** @throws RangeError when the bytes are of another version or no record */
export function decodeRecord(bytes: Uint8Array): JournalRecord {
  const [version, receivedAt, rows, exposures, outcomes, deadLetters] = codec.unpack(bytes) as unknown[];
  if (version !== VERSION)
    throw new RangeError(`a journal record of version ${String(version)}; this program reads ${VERSION}`);
  return {
    receivedAt: receivedAt as number,
    requests: (rows as [Omit<RequestRecord, 'slate'>, Uint8Array][]).map(([fields, run]) => ({
      ...fields,
      ...unpack(run),
    })) as RequestRecord[],
    exposures: exposures as ExposureRecord[],
    outcomes: outcomes as OutcomeRecord[],
    deadLetters: deadLetters as JournalRecord['deadLetters'],
  };
}
