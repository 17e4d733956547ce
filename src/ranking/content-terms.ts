import type { Catalogue } from './catalogue.ts';
import { type SparseRows, sparseRows } from './sparse.ts';
import { normalise } from './unit-vector.ts';

/** What is known of a title, by kind. */
const CONTENT_FIELDS = ['text', 'plot', 'people', 'genres', 'year'] as const;
export type ContentField = (typeof CONTENT_FIELDS)[number];

/** Words in more than this share of titles say nothing. */
const COMMON = 0.25;

/**
 * TF-IDF rows: each field's terms (1 + log tf, smoothed idf) scaled to norm 1, times the weight of the field, the row of all
 * fields scaled to norm 1. Terms that occur in one title only, or words in most titles, cannot relate titles and are left out.
 * A word of the text and of the plot is one term.
 */
export function weighTerms(
  catalogue: Catalogue,
  weights: Readonly<Record<ContentField, number>>,
): { matrix: SparseRows; terms: number } {
  const { bags, documents, names } = countTerms(catalogue, weights);
  // Few genres cover a catalogue, so only words can be too common.
  let terms = 0;
  const columns = Int32Array.from(documents, (titles, term) =>
    titles > 1 && (titles <= COMMON * catalogue.size || names[term]!.includes(':')) ? terms++ : -1,
  );
  const entries = { rows: [] as number[], columns: [] as number[], values: [] as number[] };
  for (const { title, weight, counts } of bags) {
    const kept = [...counts].filter(([term]) => columns[term]! >= 0);
    const values = Float32Array.from(
      kept,
      ([term, times]) =>
        (1 + Math.log(times)) * (1 + Math.log((1 + catalogue.size) / (1 + documents[term]!))),
    );
    normalise(values);
    kept.forEach(([term], place) => {
      entries.rows.push(title);
      entries.columns.push(columns[term]!);
      entries.values.push(weight * values[place]!);
    });
  }
  const matrix = sparseRows(entries.rows, entries.columns, entries.values, catalogue.size);
  for (let title = 0; title < catalogue.size; title++)
    normalise(matrix.values.subarray(matrix.starts[title]!, matrix.starts[title + 1]!));
  return { matrix, terms };
}

/** How often each term occurs in each field of each title, and in how many titles it does. */
function countTerms(catalogue: Catalogue, weights: Readonly<Record<ContentField, number>>) {
  const termOf = new Map<string, number>();
  const documents: number[] = [];
  const bags: { title: number; weight: number; counts: ReadonlyMap<number, number> }[] = [];
  for (let title = 0; title < catalogue.size; title++) {
    const met = new Set<number>();
    for (const field of CONTENT_FIELDS) {
      if (weights[field] === 0) continue;
      const counts = new Map<number, number>();
      for (const name of termsOf(catalogue, title, field)) {
        const term = termOf.get(name) ?? termOf.size;
        termOf.set(name, term);
        counts.set(term, (counts.get(term) ?? 0) + 1);
        met.add(term);
      }
      bags.push({ title, weight: weights[field], counts });
    }
    for (const term of met) documents[term] = (documents[term] ?? 0) + 1;
  }
  return { bags, documents, names: [...termOf.keys()] };
}

function termsOf(catalogue: Catalogue, title: number, field: ContentField): readonly string[] {
  switch (field) {
    case 'text':
      return wordsOf(catalogue.text[title]!);
    case 'plot':
      return wordsOf(catalogue.plots?.[title] ?? '');
    case 'people':
      return (catalogue.people?.[title] ?? []).map((name) => `person:${name}`);
    case 'genres': {
      const mask = catalogue.genreMask[title]!;
      return catalogue.genres.filter((_, genre) => (mask >>> genre) & 1).map((genre) => `genre:${genre}`);
    }
    case 'year': {
      const year = catalogue.year[title]!;
      return year > 0 ? [`year:${Math.floor(year / 5)}`] : [];
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
}
