import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { TypedFastify } from './typed.ts';

/** Where `npm run build` puts the pages. */
export const BUILT_PAGES = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** No script but our files; plots carry style elements of their own. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The list at `/`, the report at `/experiments/:key`, reproductions at `/reproductions`, and the files they are built of. */
export function pageRoutes(assets: string) {
  return async function pages(app: TypedFastify): Promise<void> {
    if (!existsSync(join(assets, 'index.html'))) {
      app.log.warn(`${assets} has no index.html: only the API is served; npm run build makes the pages`);
      return;
    }
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    });
    await app.register(fastifyStatic, {
      root: assets,
      wildcard: false,
      index: 'index.html',
      // Built files carry a hash of their content in the name; the page itself does not.
      setHeaders: (reply, path) => {
        reply.setHeader('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=86400');
      },
    });
    app.get('/reproductions', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
    app.get('/experiments/:key', { schema: { hide: true } }, (_request, reply) =>
      reply.sendFile('index.html'),
    );
  };
}
