import { expect, test } from 'vitest';
import { failureText } from '../../src/reproduce/failure-text.ts';

const failure = (message: string, code?: string, cause?: Error) =>
  Object.assign(new Error(message, { cause }), code === undefined ? {} : { code });

test.each([
  [failure('ENOSPC: no space left on device, write', 'ENOSPC'), 'disk is full'],
  [failure('EFBIG: file too large, write', 'EFBIG'), 'disk is full'],
  [failure('could not extend file "base/5/16384": No space left on device', '53100'), 'disk is full'],
  [failure('chunk 3 failed', undefined, failure('could not write', '53100')), 'disk is full'],
  [failure('terminating connection due to administrator command', '57P01'), 'database went away'],
  [failure('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'), 'database went away'],
  [failure('Connection terminated unexpectedly'), 'database went away'],
])('%s', (error, text) => {
  expect(failureText(error)).toContain(text);
});

test('has nothing to say of other failures', () => {
  expect(failureText(failure('a bug'))).toBeUndefined();
  expect(failureText('no error')).toBeUndefined();
});
