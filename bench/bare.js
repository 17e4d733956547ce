/** A bare Fastify server, the peer of the full route: `node bare.js PORT BODY_BYTES`. It answers a fixed body of that size. */
import Fastify from 'fastify';

const [port, bytes] = process.argv.slice(2).map(Number);
const server = Fastify();
const body = JSON.stringify({ filler: 'x'.repeat(Math.max(0, bytes - 13)) });
server.get('/v1/recommendations/:userId', (_request, reply) => reply.type('application/json').send(body));
server.post('/v1/events', (request) => ({ results: request.body.events.map(() => 'stored') }));
await server.listen({ port, host: '127.0.0.1' });
console.log('ready');
