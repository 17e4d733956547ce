import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { declarationsOf } from './fixtures.ts';
import { ab, harness, outside } from './harness.ts';

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** One request on a connection of its own. */
const ask = (url: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
    });
    request.on('error', reject);
  });

const UNDER_WAY = (requests: number) => new RegExp(`screentest_requests_under_way\\{.*\\} ${requests}\n`);

describe('a server with more requests than places', () => {
  it('answers those it has places for, refuses the rest with Retry-After, and answers health, metrics and events meanwhile', async () => {
    const { app, log } = harness(declarationsOf(ab, outside), {
      admission: { places: { least: 2, most: 2 }, waitMs: 30 },
    });
    let open = () => {};
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const slate = (n: number) => ask(`${url}/v1/recommendations/u-${n}`);
    const first = [slate(1), slate(2)];
    await vi.waitFor(async () => expect((await ask(`${url}/metrics`)).text).toMatch(UNDER_WAY(2)));
    const refused = await Promise.all([slate(3), slate(4)]);
    for (const answer of refused) {
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toMatch(/^[1-9]$/);
      expect(answer.headers['content-type']).toMatch('application/json');
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'overloaded' } });
    }
    expect((await ask(`${url}/healthz`)).status).toBe(200);
    expect((await ask(`${url}/v1/assignments/u-1`)).status).toBe(200);
    open();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await slate(5)).status).toBe(200);
    const metrics = (await ask(`${url}/metrics`)).text;
    expect(metrics).toMatch(/screentest_requests_refused_total\{.*\} 2/);
    expect(metrics).toMatch(UNDER_WAY(0));
    await app.close();
  });

  it('counts a place as free whatever became of the request', async () => {
    const { app, log } = harness(declarationsOf(ab, outside), {
      admission: { places: { least: 1, most: 1 }, waitMs: 30 },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    expect((await ask(`${url}/v1/recommendations/u-1?k=0`)).status).toBe(400);
    expect((await ask(`${url}/v1/recommendations/u-1?surface=kiosk`)).status).toBe(400);
    let open = () => {};
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const cut = http.get(`${url}/v1/recommendations/u-1`);
    cut.on('error', () => {});
    await vi.waitFor(async () => expect((await ask(`${url}/metrics`)).text).toMatch(UNDER_WAY(1)));
    cut.destroy();
    open();
    await vi.waitFor(async () => expect((await ask(`${url}/v1/recommendations/u-2`)).status).toBe(200));
    await app.close();
  });

  it('takes requests that are injected, one after the other', async () => {
    const { app } = harness(declarationsOf(ab, outside), {
      admission: { places: { least: 1, most: 1 }, waitMs: 30 },
    });
    for (let n = 0; n < 3; n++) expect((await app.inject(`/v1/recommendations/u-${n}`)).statusCode).toBe(200);
    await app.close();
  });
});
