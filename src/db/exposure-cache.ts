import type { ExposureRecord } from '../events/records.ts';
import { exposureKey } from './write-exposures.ts';

/** Remembers exposures that are durable, so that the same unit's later ones need not be written. */
export interface ExposureCache {
  /** Whether writing this one would change nothing: same variant, and not earlier than one that is durable. */
  covers(record: ExposureRecord): boolean;
  add(record: ExposureRecord): void;
}

export function createExposureCache(limit: number): ExposureCache {
  const known = new Map<string, ExposureRecord>();
  return {
    covers(record) {
      const kept = known.get(exposureKey(record));
      return (
        kept !== undefined &&
        kept.variant === record.variant &&
        (kept.forced || !record.forced) &&
        (kept.at < record.at || (kept.at === record.at && kept.requestId === record.requestId))
      );
    },
    add(record) {
      const key = exposureKey(record);
      const kept = known.get(key);
      if (kept && kept.at <= record.at) return;
      known.set(key, record);
      if (known.size > limit) known.delete(known.keys().next().value as string);
    },
  };
}
