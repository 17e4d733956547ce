import type { Declarations, StageDeclaration } from '../declarations.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import type { Selection } from './selection.ts';

/** What stages say of titles, each valid by its schema. */
interface Parameters {
  readonly rules?: { readonly ban?: Selection };
  readonly business?: readonly Selection[];
  readonly values?: {
    readonly titles?: Readonly<Record<string, number>>;
    readonly tags?: Readonly<Record<string, number>>;
  };
}

/**
 * Names in bans, boosts and values that the catalogue does not know, with the pipeline that says them: they mean no title, which
 * may be right (a title that has gone, a campaign that has not begun) or a slip of the pen.
 */
export function unknownNames({ surfaces, experiments }: Declarations, catalogue: Catalogue): string[] {
  const known = {
    title: catalogue.rowOf,
    tag: new Set((catalogue.tags ?? []).flat()),
    genre: new Set(catalogue.genres),
  };
  const pipelines = [
    ...surfaces.map(({ name, pipeline }) => ({ place: `surface ${name}`, pipeline })),
    ...experiments.flatMap(({ key, variants }) =>
      variants.map((variant) => ({ place: `${key}/${variant.key}`, pipeline: variant.pipeline ?? [] })),
    ),
  ];
  return pipelines.flatMap(({ place, pipeline }) =>
    pipeline
      .flatMap(namesOf)
      .filter(([kind, name]) => !known[kind].has(name))
      .map(
        ([kind, name, stage]) =>
          `${place}, ${stage}: no title of the catalogue has the ${WORDS[kind]} ${name}`,
      ),
  );
}

const WORDS = { title: 'id', tag: 'tag', genre: 'genre' } as const;
type Named = readonly [kind: keyof typeof WORDS, name: string, stage: string];

function namesOf({ stage, parameters }: StageDeclaration): Named[] {
  const { rules, business = [], values = {} } = parameters as Parameters;
  const selections: readonly Selection[] = [
    rules?.ban ?? {},
    ...business,
    { titles: Object.keys(values.titles ?? {}), tags: Object.keys(values.tags ?? {}) },
  ];
  return selections.flatMap(({ titles = [], tags = [], genres = [] }) => [
    ...titles.map((name): Named => ['title', name, stage]),
    ...tags.map((name): Named => ['tag', name, stage]),
    ...genres.map((name): Named => ['genre', name, stage]),
  ]);
}
