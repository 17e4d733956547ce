import { type PackedRun, unpack } from './pack.ts';
import type { RequestRecord } from './records.ts';

/** A request whose slate and stages are still the bytes that are stored: who only hands it on need not read them. */
export interface PackedRequest extends Omit<RequestRecord, keyof PackedRun> {
  /** As `pack` writes it. */
  readonly run: Uint8Array;
}

/** @throws when the bytes are damaged */
export function unpackRequest({ run, ...fields }: PackedRequest): RequestRecord {
  return { ...fields, ...unpack(run) };
}
