import { type Plant, withRequests } from './plant.ts';

const TIMES = 2;

/** An arm whose pages take twice as long, and nothing else. */
export const slowArm: Plant = {
  key: 'slow-arm',
  fault: 'an arm whose latency doubles',
  planted: 'every request of the treatment takes twice as long',
  apply: (records, parts) =>
    withRequests(records, parts, (request) => ({ ...request, totalMicros: TIMES * request.totalMicros })),
};
