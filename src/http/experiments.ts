import { type TSchema, Type } from 'typebox';
import type { Report } from '../analysis/report/report.ts';
import type { Experiment } from '../declarations.ts';
import { createLookups, experimentOr404 } from './lookups.ts';
import type { ServerParts } from './parts.ts';
import { ExperimentParams, NOT_FOUND, OneOf } from './schemas.ts';
import type { TypedFastify } from './typed.ts';

const DAY_MS = 86_400_000;
const STATES = ['not-started', 'collecting', 'immature', 'ready', 'invalid', 'stopped', 'ended'] as const;

export const ReportBody = Type.Unsafe<Report>({
  type: 'object',
  additionalProperties: true,
  description: 'Report, schema screentest/report/v1',
  properties: { schema: { type: 'string', const: 'screentest/report/v1' } },
});

const listed = {
  key: Type.String(),
  owner: Type.String(),
  design: OneOf(['ab', 'interleaving']),
  hypothesis: Type.String(),
  state: OneOf(STATES),
  day: Type.Integer({ description: 'of the planned days; 0 before the start' }),
  plannedDays: Type.Integer(),
  iteration: Type.Integer(),
  surface: Type.Union([Type.String(), Type.Null()]),
  control: Type.String(),
  start: Type.String({ description: 'ISO 8601, UTC' }),
  end: Type.String({ description: 'last enrolment' }),
  observeUntil: Type.String(),
} satisfies Record<string, TSchema>;

const ListedExperiment = Type.Object({ ...listed, report: Type.Union([ReportBody, Type.Null()]) });
const ExperimentBody = Type.Object({
  ...listed,
  variants: Type.Array(
    Type.Object({
      key: Type.String(),
      weight: Type.Number(),
      pipeline: Type.Union([
        Type.Array(
          Type.Object({ stage: Type.String(), parameters: Type.Record(Type.String(), Type.Unknown()) }),
        ),
        Type.Null(),
      ]),
    }),
  ),
  file: Type.String(),
  yaml: Type.String({ description: 'the declaration as written' }),
});

/** GET /v1/experiments and /v1/experiments/:key. */
export function experimentRoutes(parts: ServerParts) {
  return async function experiments(app: TypedFastify): Promise<void> {
    const lookups = createLookups(parts.declarations);

    app.get(
      '/v1/experiments',
      {
        // As JSON text: a report is not described field by field, so a serialiser has nothing to gain.
        schema: {
          summary: 'All experiments with their latest reports',
          tags: ['experiments'],
          response: { 200: Type.Object({ experiments: Type.Array(ListedExperiment) }) },
        },
        serializerCompiler: () => JSON.stringify,
      },
      async () => {
        const reports = new Map(
          (await parts.reports.list()).map((report) => [report.experiment.key, report]),
        );
        const list = parts.declarations().experiments.map((experiment) => {
          const report = currentReport(experiment, reports.get(experiment.key));
          return { ...summary(experiment, report, parts), report: report ?? null };
        });
        return { experiments: list };
      },
    );

    app.get(
      '/v1/experiments/:key',
      {
        schema: {
          summary: 'One experiment as declared',
          tags: ['experiments'],
          params: ExperimentParams,
          response: { 200: ExperimentBody, ...NOT_FOUND },
        },
      },
      async (request) => {
        const experiment = experimentOr404(lookups(), request.params.key);
        const report = currentReport(experiment, await parts.reports.latest(experiment.key));
        return {
          ...summary(experiment, report, parts),
          variants: experiment.variants.map(({ key, weight, pipeline }) => ({
            key,
            weight,
            pipeline: pipeline?.map(({ stage, parameters }) => ({ stage, parameters })) ?? null,
          })),
          file: experiment.source.file,
          yaml: experiment.source.yaml,
        };
      },
    );
  };
}

/** A report of an earlier iteration says nothing of this one. */
function currentReport(experiment: Experiment, report: Report | undefined): Report | undefined {
  return report?.experiment.iteration === experiment.iteration ? report : undefined;
}

function summary(
  experiment: Experiment,
  report: Report | undefined,
  parts: Pick<ServerParts, 'clock' | 'states'>,
) {
  const { startMs, durationMs, observeForMs } = experiment;
  const now = parts.clock();
  const plannedDays = Math.ceil(durationMs / DAY_MS);
  const day = Math.floor((now - startMs) / DAY_MS) + 1;
  return {
    key: experiment.key,
    owner: experiment.owner,
    design: experiment.design,
    hypothesis: experiment.hypothesis,
    state: stateOf(experiment, report, now, parts.states().get(experiment.key)?.stopped === true),
    day: Math.min(plannedDays, Math.max(0, day)),
    plannedDays,
    iteration: experiment.iteration,
    surface: experiment.surface ?? null,
    control: experiment.control,
    start: new Date(startMs).toISOString(),
    end: new Date(startMs + durationMs).toISOString(),
    observeUntil: new Date(startMs + durationMs + observeForMs).toISOString(),
  };
}

function stateOf(
  experiment: Experiment,
  report: Report | undefined,
  now: number,
  stopped: boolean,
): (typeof STATES)[number] {
  if (stopped) return 'stopped';
  if (now < experiment.startMs) return 'not-started';
  if (report !== undefined) return report.state;
  return now < experiment.startMs + experiment.durationMs + experiment.observeForMs ? 'collecting' : 'ended';
}
