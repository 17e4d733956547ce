import { Type } from 'typebox';
import type { Assignment } from '../assignment/decision.ts';
import { FALLBACKS } from '../events/records.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import type { Recommendation } from '../recommend.ts';
import { REASONS, reasonOf } from '../variants/reason.ts';
import { SKIP_REASONS, SOURCES, type StageTiming } from '../variants/stage.ts';
import { createJsonBytes } from './json-bytes.ts';
import { AssignmentBody, OneOf } from './schemas.ts';

export const SlateBody = Type.Object(
  {
    request_id: Type.String({ description: 'send it back with every outcome of this slate' }),
    user_id: Type.String(),
    surface: Type.String(),
    slate: Type.Array(
      Type.Object({
        position: Type.Integer({ minimum: 1, description: 'from the top' }),
        title: Type.String(),
        name: Type.String(),
        genres: Type.Array(Type.String()),
        source: OneOf(SOURCES),
        score: Type.Number(),
        propensity: Type.Number({
          description: 'probability of this title in this slot, given the slots before it, in (0, 1]',
        }),
        reason: OneOf(
          REASONS,
          "why it is here: it resembles a watched title, which `because` names; it suits what the user watched; what trends, everywhere, in the request's country or in its part of the day; what is popular, with everyone or with users of the same country and age group; it is new; a series in progress; it was picked at onboarding or resembles what was; or it was drawn to learn about it",
        ),
        because: Type.Optional(
          Type.Object(
            { title: Type.String(), name: Type.String() },
            { description: 'a title the user watched; with reason like-watched' },
          ),
        ),
      }),
    ),
    experiments: Type.Array(AssignmentBody, {
      description: 'one per declared experiment, in declared order',
    }),
    models: Type.String({ description: 'version of the models that ranked' }),
    configuration: Type.String({ description: 'version of the declarations that decided' }),
    pipeline: Type.String({ description: 'experiment/variant whose pipeline ranked, or default' }),
    fallback: OneOf(FALLBACKS, 'how far down the fallback ladder the slate came from'),
    relaxed_slots: Type.Integer({
      minimum: 0,
      description: 'slots beyond the genre cap, as no title of another genre was left',
    }),
    skipped: Type.Array(Type.Object({ stage: Type.String(), reason: OneOf(SKIP_REASONS) }), {
      description: 'stages of the pipeline that this slate was ranked without',
    }),
    stages: Type.Array(
      Type.Object({
        stage: Type.String(),
        micros: Type.Integer({ description: 'microseconds' }),
        titles: Type.Integer({ description: 'candidates it was given; the first: that it made' }),
      }),
      { description: 'what was run for the requests ranked together with this one, in order' },
    ),
  },
  { description: 'Slate' },
);

/** What the JSON of a title begins with and what names it as a reason: made once per title and catalogue. */
interface TitleJson {
  readonly fields: Uint8Array;
  readonly because: Uint8Array;
}

const titles = new WeakMap<Catalogue, TitleJson[]>();
const assignments = new WeakMap<Assignment, Uint8Array>();
/** By source; then those with a watched title to name. */
const sourceFields = [false, true].flatMap((because) =>
  SOURCES.map((source, row) =>
    Buffer.from(`,"source":"${source}","reason":"${reasonOf(row, because)}","score":`),
  ),
);
const PROPENSITY = Buffer.from(',"propensity":');
const END = Buffer.from('}');

function titlesJson(catalogue: Catalogue): TitleJson[] {
  let known = titles.get(catalogue);
  if (known === undefined) {
    known = new Array<TitleJson>(catalogue.size);
    titles.set(catalogue, known);
  }
  return known;
}

function makeTitle(catalogue: Catalogue, row: number): TitleJson {
  const genres = catalogue.genres.filter((_, genre) => (catalogue.genreMask[row]! >>> genre) & 1);
  const title = `"title":${JSON.stringify(catalogue.ids[row])},"name":${JSON.stringify(catalogue.names[row])}`;
  return {
    fields: Buffer.from(`${title},"genres":${JSON.stringify(genres)}`),
    because: Buffer.from(`,"because":{${title}}}`),
  };
}

/** Assignments are shared by all users who get the same answer, so their JSON is too. */
function assignmentJson(assignment: Assignment): Uint8Array {
  let json = assignments.get(assignment);
  if (json === undefined) {
    const { experiment, iteration, variant, reason, phase } = assignment;
    json = Buffer.from(JSON.stringify({ experiment, iteration, variant, reason, phase }));
    assignments.set(assignment, json);
  }
  return json;
}

/** Requests ranked together share their timings, so their JSON is too. */
const timings = new WeakMap<readonly StageTiming[], Uint8Array>();

function timingsJson(stages: readonly StageTiming[]): Uint8Array {
  let json = timings.get(stages);
  if (json === undefined) {
    json = Buffer.from(
      JSON.stringify(stages.map(({ stage, micros, titles }) => ({ stage, micros, titles }))),
    );
    timings.set(stages, json);
  }
  return json;
}

const json = createJsonBytes();

/** The answer as JSON in UTF-8, as `SlateBody` describes it. */
export function slateJson({ request, assignments: decided }: Recommendation, catalogue: Catalogue): Buffer {
  const { slate } = request;
  const known = titlesJson(catalogue);
  const titleOf = (row: number): TitleJson => {
    known[row] ??= makeTitle(catalogue, row);
    return known[row];
  };
  json.text(
    `{"request_id":"${request.id}","user_id":${JSON.stringify(request.unit)},"surface":${JSON.stringify(request.surface)},"slate":[`,
  );
  for (let slot = 0; slot < slate.titles.length; slot++) {
    const because = slate.because[slot]!;
    json.bytes(positionJson(slot));
    json.bytes(titleOf(slate.titles[slot]!).fields);
    json.bytes(sourceFields[slate.sources[slot]! + (because < 0 ? 0 : SOURCES.length)]!);
    json.number(slate.scores[slot]!);
    json.bytes(PROPENSITY);
    json.number(slate.propensities[slot]!);
    json.bytes(because < 0 ? END : titleOf(because).because);
  }
  json.text('],"experiments":[');
  for (let i = 0; i < decided.length; i++) {
    if (i > 0) json.text(',');
    json.bytes(assignmentJson(decided[i]!));
  }
  const versions = `"models":${JSON.stringify(request.models)},"configuration":${JSON.stringify(request.configuration)}`;
  const skipped = request.skipped.length === 0 ? '[]' : JSON.stringify(request.skipped);
  const run = `"relaxed_slots":${request.relaxed},"skipped":${skipped},"stages":`;
  json.text(
    `],${versions},"pipeline":${JSON.stringify(request.pipeline)},"fallback":"${request.fallback}",${run}`,
  );
  json.bytes(timingsJson(request.stages));
  json.bytes(END);
  return json.take();
}

/** What an entry begins with, by slot from 0. */
const positions: Uint8Array[] = [];

function positionJson(slot: number): Uint8Array {
  positions[slot] ??= Buffer.from(`${slot > 0 ? ',' : ''}{"position":${slot + 1},`);
  return positions[slot];
}
