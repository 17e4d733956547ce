import http from 'node:http';

/** Connections that are kept and used again, as an application's are. */
export const createAgent = (connections = 64) => new http.Agent({ keepAlive: true, maxSockets: connections });

/**
 * One request over a kept connection.
 *
 * @returns status, headers and text of the answer
 * @throws where there was none: the connection was refused or cut, or nothing came within `ms`
 */
export function ask(url, { method = 'GET', body, agent, ms = 15_000 } = {}) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(url, { method, agent, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        // A connection that was cut in the middle ends too.
        if (answer.complete) resolve({ status: answer.statusCode, headers: answer.headers, text });
        else reject(new Error('the answer was cut off'));
      });
    });
    request.setTimeout(ms, () => request.destroy(new Error(`no answer within ${ms} ms`)));
    // On a kept connection that the server closed as the request left, nothing of it was read.
    request.on('error', (error) => reject(Object.assign(error, { kept: request.reusedSocket })));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
