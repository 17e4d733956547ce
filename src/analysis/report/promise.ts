import type { Correction } from '../../declarations.ts';
import { COVERAGE } from '../multiplicity.ts';
import type { IntervalPromise } from './report.ts';

/** What an interval promises whose alpha after correction is `level`. */
export function promiseOf(
  kind: IntervalPromise['kind'],
  level: number,
  correction: Correction = 'none',
): IntervalPromise {
  return { kind, level: 1 - level, coverage: COVERAGE[correction], correction, sides: 'two-sided' };
}
