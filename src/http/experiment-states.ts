import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import type { Decision } from '../db/experiment-states.ts';
import type { Experiment } from '../declarations.ts';
import { ApiError, unavailable } from './errors.ts';
import { createLookups, experimentOr404 } from './lookups.ts';
import type { ServerParts } from './parts.ts';
import { BAD_REQUEST, ExperimentParams, NOT_FOUND, OneOf, UNAVAILABLE } from './schemas.ts';
import type { TypedFastify } from './typed.ts';

const ACTIONS = ['stop', 'kill', 'resume', 'ramp'] as const;

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const Body = Type.Object(
  {
    action: OneOf(
      ACTIONS,
      'stop: everyone gets the default pipeline; kill: the same, for harm; resume: it goes on; ramp: a phase is in force',
    ),
    phase: Type.Optional(
      Type.Integer({ minimum: 0, description: 'of ramp: row of the declared ramp, from 0' }),
    ),
    reason: Type.String({ minLength: 1, maxLength: 1_000 }),
    by: Type.String({ minLength: 1, maxLength: 200, description: 'who decides' }),
    id: Type.Optional(
      Type.String({ pattern: UUID, description: 'sent to several servers, or again, it is one decision' }),
    ),
  },
  { additionalProperties: false },
);

const Answer = Type.Object({
  experiment: Type.String(),
  iteration: Type.Integer(),
  id: Type.String(),
  stopped: Type.Boolean({ description: 'now, in this process' }),
  phase: Type.Union([Type.Integer(), Type.Null()], { description: 'null: the one of the clock' }),
  kept: OneOf(
    ['database', 'machine'],
    'machine: the database does not answer; servers that share its cache obey, others when it is back',
  ),
  version: Type.Union([Type.Integer(), Type.Null()], { description: 'null until the database has it' }),
});

/** POST /v1/experiments/:key/state: operators stop, resume and ramp what runs. */
export function experimentStateRoutes(parts: ServerParts, decide: NonNullable<ServerParts['decide']>) {
  return async function experimentStates(app: TypedFastify): Promise<void> {
    const lookups = createLookups(parts.declarations);
    app.post(
      '/v1/experiments/:key/state',
      {
        schema: {
          summary: 'Stop, resume or ramp an experiment',
          description: 'A stop is in force at once, with the database down as well.',
          tags: ['operations'],
          params: ExperimentParams,
          body: Body,
          response: { 200: Answer, ...BAD_REQUEST, ...NOT_FOUND, ...UNAVAILABLE },
        },
      },
      async (request) => {
        const experiment = experimentOr404(lookups(), request.params.key);
        const { action, phase, reason, by, id = randomUUID() } = request.body;
        const decision: Decision = {
          id: id.toLowerCase(),
          environment: parts.environment,
          experiment: experiment.key,
          iteration: experiment.iteration,
          at: parts.clock(),
          by,
          reason,
          ...changeOf(action, phase, experiment),
        };
        const kept = await decide(decision).catch((error: Error) => {
          throw unavailable('decision-unavailable', `the decision is not durable: ${error.message}`);
        });
        const state = parts.states().get(experiment.key);
        return {
          experiment: experiment.key,
          iteration: experiment.iteration,
          id: decision.id,
          stopped: state?.stopped === true,
          phase: state?.phase ?? null,
          kept: kept.where,
          version: kept.where === 'database' ? kept.version : null,
        };
      },
    );
  };
}

function changeOf(
  action: (typeof ACTIONS)[number],
  phase: number | undefined,
  { key, ramp }: Experiment,
): Pick<Decision, 'phase' | 'stopped' | 'killed'> {
  if ((action === 'ramp') !== (phase !== undefined)) {
    throw new ApiError(
      400,
      'invalid-request',
      action === 'ramp' ? 'a ramp needs a phase' : `${action} has no phase`,
      {
        place: 'body.phase',
        mend: action === 'ramp' ? `use a row of the ramp, 0 to ${ramp.length - 1}` : 'leave it out',
      },
    );
  }
  if (phase !== undefined && phase >= ramp.length) {
    throw new ApiError(400, 'unknown-phase', `the ramp of ${key} has ${ramp.length} phases`, {
      place: 'body.phase',
      mend: `use 0 to ${ramp.length - 1}`,
    });
  }
  if (phase !== undefined) return { phase };
  if (action === 'kill') return { stopped: true, killed: true };
  return { stopped: action === 'stop' };
}
