import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypedFastify } from './typed.ts';

/** The document at /docs/json and its page at /docs. To be registered before the routes. */
export async function registerOpenApi(app: TypedFastify): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Screentest',
        description: 'Recommendations under experiment, the events that judge them, and the reports.',
        version: '1',
      },
      tags: [
        { name: 'serving', description: 'slates, users, assignments' },
        { name: 'events', description: 'what happened' },
        { name: 'experiments', description: 'declarations, analyses, reports' },
        { name: 'operations', description: 'health and figures' },
      ],
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // The default asks a validator on another host.
    uiConfig: { validatorUrl: null },
  });
}
