import { Agent, get, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Harness, harness } from './harness.ts';

/** What only a real socket shows. */

let h: Harness;
async function listen(): Promise<number> {
  h = harness();
  await h.app.listen({ port: 0, host: '127.0.0.1' });
  return (h.app.server.address() as AddressInfo).port;
}
afterEach(() => h.app.close());

const fetchBody = (url: string, agent: Agent) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    get(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    }).on('error', reject);
  });

describe('over a socket', () => {
  it('lets requests under way finish when it closes', async () => {
    const port = await listen();
    const agent = new Agent({ keepAlive: true });
    let release = () => {};
    h.log.gate = new Promise((resolve) => {
      release = resolve;
    });
    const pending = Array.from({ length: 5 }, (_, n) =>
      fetchBody(`http://127.0.0.1:${port}/v1/recommendations/u-${n}`, agent),
    );
    // Until all of them wait for their exposures.
    while (
      (await new Promise<number>((done) => h.app.server.getConnections((_, count) => done(count)))) < 5
    ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = h.app.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    const answers = await Promise.all(pending);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.map(({ body }) => JSON.parse(body).user_id)).toEqual(['u-0', 'u-1', 'u-2', 'u-3', 'u-4']);
    const start = Date.now();
    await closed;
    expect(Date.now() - start).toBeLessThan(2000);
    expect(h.log.requests).toHaveLength(5);
    agent.destroy();
  });

  it('refuses 50 MB by its announced length, without reading it', async () => {
    const port = await listen();
    const status = await new Promise<number>((resolve, reject) => {
      const upload = request(
        {
          port,
          host: '127.0.0.1',
          path: '/v1/events',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': 50_000_000 },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
          upload.destroy();
        },
      );
      upload.on('error', reject);
      upload.write('{"events":[');
    });
    expect(status).toBe(413);
  });

  it('refuses 50 MB of unannounced length as soon as the limit is passed', async () => {
    const port = await listen();
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    let sent = 0;
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.write(
        'POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      );
      const more = () => {
        if (socket.destroyed || text.includes('\r\n\r\n')) {
          socket.destroy();
          return;
        }
        sent += chunk.length;
        socket.write(`10000\r\n`);
        socket.write(chunk);
        socket.write('\r\n', () => setImmediate(more));
      };
      socket.on('connect', more);
    });
    // A client that goes on sending may lose the answer to the reset of its connection.
    expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect((await h.app.inject('/metrics')).body).toContain('route="/v1/events",status="413"} 1');
    expect(sent).toBeLessThan(50_000_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});
