import { describe, expect, test } from 'vitest';
import { load } from '../../web/src/model/load.ts';

const answer = (status: number, body: string) => async () => new Response(body, { status });

describe('load', () => {
  test.each([
    ['a document', 200, '{"a":1}', { status: 'loaded', value: { a: 1 } }],
    [
      'none yet',
      404,
      '{"error":{"code":"no-report","message":"x has no report yet","mend":"POST makes one"}}',
      { status: 'absent', message: 'x has no report yet; POST makes one.' },
    ],
    [
      'none, unexplained',
      404,
      'nothing',
      { status: 'absent', message: 'The server knows nothing by this name.' },
    ],
    [
      'a failure with a reason',
      503,
      '{"error":{"code":"down","message":"the database is down"}}',
      { status: 'failed', message: 'The server answered 503: the database is down.' },
    ],
    ['a failure without one', 502, '<html>', { status: 'failed', message: 'The server answered 502.' }],
  ])('%s', async (_, status, body, expected) =>
    expect(await load('/', answer(status, body))).toEqual(expected),
  );

  test('an answer that is not JSON is a failure', async () =>
    expect(await load('/', answer(200, '<html>'))).toMatchObject({ status: 'failed' }));

  test('no connection is a failure with its reason', async () =>
    expect(await load('/', () => Promise.reject(new TypeError('fetch failed')))).toEqual({
      status: 'failed',
      message: 'fetch failed',
    }));

  test('no answer in time is a time-out, not a failure and not an empty result', async () => {
    const never = ((_: unknown, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason));
      })) as typeof fetch;
    // The signal's own timer does not keep the process alive.
    const alive = setTimeout(() => {}, 5000);
    expect(await load('/', never, 0.02)).toEqual({ status: 'timed-out', seconds: 0.02 });
    clearTimeout(alive);
  });
});
