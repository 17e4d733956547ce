import { normal } from '../random.ts';
import type { Records } from './plant.ts';

const LATENCY = 0x6c61;
/** Median, ms, and deviation of its logarithm: a 95th percentile of 80 ms, within the published budget of 100. */
const MEDIAN_MS = 45;
const DEVIATION = 0.35;

/**
 * Gives every request a time as a server takes it: what a batch in process took is none, and differs from run to run.
 * @param rowOf  a number of the unit
 */
export function withServedLatency(records: Records, seed: number, rowOf: (unit: string) => number): Records {
  return {
    ...records,
    requests: records.requests.map((request) => {
      const z = normal(seed, rowOf(request.unit), Math.floor(request.at / 1000), LATENCY);
      return { ...request, totalMicros: Math.round(1000 * MEDIAN_MS * Math.exp(DEVIATION * z)) };
    }),
  };
}
