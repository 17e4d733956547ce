import { type Static, Type } from 'typebox';
import type { Catalogue } from '../../ranking/catalogue.ts';
import { perCatalogue, SELECTION_KEYS, selectedRows } from '../selection.ts';
import type { Candidates, ParameterMistake, Stage, StageDefinition } from '../stage.ts';

const Parameters = Type.Object(
  {
    newTitles: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description:
          "Added to a new title's score, as a share of the spread between the best and the worst score.",
      }),
    ),
    days: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 365, default: 7, description: 'How long a title is new.' }),
    ),
    popularityPenalty: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description:
          'Taken off the score, as a share of the same spread, times log(1 + watches) / log(1 + watches of the most watched title).',
      }),
    ),
    business: Type.Optional(
      Type.Array(
        Type.Object(
          {
            ...SELECTION_KEYS,
            add: Type.Optional(
              Type.Number({
                minimum: -1,
                maximum: 1,
                description: 'Added to the score, as a share of the same spread: 0.1 raises, -0.1 lowers.',
              }),
            ),
            factor: Type.Optional(
              Type.Number({
                minimum: 0,
                maximum: 10,
                description:
                  'Multiplies what the title is ahead of the worst candidate; before anything is added.',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        {
          minItems: 1,
          maxItems: 50,
          description:
            'Titles to raise or lower, e.g. [{tags: [original], add: 0.1}]. Entries that mean one title add up.',
        },
      ),
    ),
  },
  { additionalProperties: false },
);

type Parameters = Static<typeof Parameters>;

const DAY = 86_400_000;

export const boost: StageDefinition<typeof Parameters> = {
  name: 'boost',
  summary:
    'Raises new titles and those the business names, lowers popular ones, whatever scale the scores have.',
  parameters: Parameters,
  place: 'middle',
  mistakes,
  make({ newTitles = 0, days = 7, popularityPenalty = 0, business = [] }: Parameters): Stage {
    const leversOf = perCatalogue((catalogue) => levers(business, catalogue));
    return {
      name: 'boost',
      onFailure: 'fail',
      run(batch, { catalogue, trending }) {
        for (const { request, candidates } of batch) {
          const range = rangeOf(candidates);
          // One kind after the other: what a pipeline does not declare is not looked up for every candidate.
          if (business.length > 0) pullLevers(candidates, range, leversOf(catalogue));
          if (newTitles > 0) raiseNew(candidates, range, catalogue, request.at, days, newTitles);
          if (popularityPenalty > 0) lowerPopular(candidates, range, trending.popularity, popularityPenalty);
        }
      },
    };
  },
};

interface Levers {
  readonly factor: Float32Array;
  readonly add: Float32Array;
}

/** The worst score, and the best minus the worst; 1 where all are equal, so that a boost still sorts. */
interface Range {
  readonly low: number;
  readonly spread: number;
}

function pullLevers(
  { count, titles, score }: Candidates,
  { low, spread }: Range,
  { factor, add }: Levers,
): void {
  for (let i = 0; i < count; i++) {
    const title = titles[i]!;
    score[i] = low + factor[title]! * (score[i]! - low) + spread * add[title]!;
  }
}

function raiseNew(
  { count, titles, score }: Candidates,
  { spread }: Range,
  { addedAt }: Catalogue,
  at: number,
  days: number,
  share: number,
): void {
  const since = at - days * DAY;
  for (let i = 0; i < count; i++) {
    const added = addedAt[titles[i]!]!;
    if (added > since && added <= at) score[i] = score[i]! + spread * share;
  }
}

function lowerPopular(
  { count, titles, score }: Candidates,
  { spread }: Range,
  popularity: Float32Array,
  share: number,
): void {
  for (let i = 0; i < count; i++) score[i] = score[i]! - spread * share * popularity[titles[i]!]!;
}

/** What is done to each title by catalogue row. */
function levers(business: NonNullable<Parameters['business']>, catalogue: Catalogue): Levers {
  const factor = new Float32Array(catalogue.size).fill(1);
  const add = new Float32Array(catalogue.size);
  for (const lever of business) {
    const rows = selectedRows(lever, catalogue);
    for (let row = 0; row < rows.length; row++) {
      if (rows[row] === 0) continue;
      factor[row] = factor[row]! * (lever.factor ?? 1);
      add[row] = add[row]! + (lever.add ?? 0);
    }
  }
  return { factor, add };
}

function mistakes({ business = [] }: Parameters): ParameterMistake[] {
  return business.flatMap(({ add, factor, titles, tags, genres }, i) => {
    const path = ['business', i];
    if ((titles ?? tags ?? genres) === undefined)
      return [{ path, problem: 'names no titles', mend: 'add titles, tags or genres' }];
    return (add ?? factor) === undefined
      ? [{ path, problem: 'does nothing to its titles', mend: 'give add or factor' }]
      : [];
  });
}

function rangeOf({ count, score }: Candidates): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = score[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, spread: high > low ? high - low : 1 };
}
