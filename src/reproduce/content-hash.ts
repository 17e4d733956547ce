import { createHash } from 'node:crypto';
import type { ReproductionDocument } from './document.ts';

/** Of the tables, in which no clock has a say. */
export function contentHash(
  document: Pick<
    ReproductionDocument,
    'plan' | 'published' | 'coverage' | 'faults' | 'sensitivity' | 'segments' | 'test' | 'http'
  >,
): string {
  const { plan, published, coverage, faults, sensitivity, segments, http } = document;
  const { times, ...test } = document.test;
  return createHash('sha256')
    .update(JSON.stringify({ plan, published, coverage, faults, sensitivity, segments, test, http }))
    .digest('hex');
}
