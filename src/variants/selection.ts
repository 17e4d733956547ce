import { type Static, Type } from 'typebox';
import type { Catalogue } from '../ranking/catalogue.ts';

const names = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      minItems: 1,
      maxItems: 10_000,
      uniqueItems: true,
      description,
    }),
  );

/** Keys that name titles in a declaration: a title is meant that has one of the ids, tags or genres. */
export const SELECTION_KEYS = {
  titles: names('Ids of titles.'),
  tags: names('Titles with one of these tags of the catalogue.'),
  genres: names('Titles with one of these genres, whichever stands first.'),
};
const Selection = Type.Object(SELECTION_KEYS);
export type Selection = Static<typeof Selection>;

/** By catalogue row: 1 for the titles that are meant. Names that the catalogue does not know mean none. */
export function selectedRows({ titles, tags, genres }: Selection, catalogue: Catalogue): Uint8Array {
  const rows = new Uint8Array(catalogue.size);
  for (const id of titles ?? []) {
    const row = catalogue.rowOf.get(id);
    if (row !== undefined) rows[row] = 1;
  }
  const wanted = new Set(tags);
  if (wanted.size > 0)
    catalogue.tags?.forEach((own, row) => {
      if (own.some((tag) => wanted.has(tag))) rows[row] = 1;
    });
  const mask = genreMaskOf(genres ?? [], catalogue);
  if (mask !== 0)
    for (let row = 0; row < rows.length; row++) if (catalogue.genreMask[row]! & mask) rows[row] = 1;
  return rows;
}

function genreMaskOf(genres: readonly string[], catalogue: Catalogue): number {
  return genres.reduce((mask, genre) => {
    const bit = catalogue.genres.indexOf(genre);
    return bit < 0 ? mask : mask | (1 << bit);
  }, 0);
}

/** What is made of a catalogue, made once for each. */
export function perCatalogue<Value>(make: (catalogue: Catalogue) => Value): (catalogue: Catalogue) => Value {
  const made = new WeakMap<Catalogue, Value>();
  return (catalogue) => {
    let value = made.get(catalogue);
    if (value === undefined) {
      value = make(catalogue);
      made.set(catalogue, value);
    }
    return value;
  };
}
