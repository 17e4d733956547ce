/** A title as one of the lists to be joined has it. */
export interface NamedTitle {
  readonly name: string;
  /** Release year; 0 where unknown. */
  readonly year: number;
}

const ARTICLE = "the|a|an|l['’]|le|la|les|un|une|il|lo|gli|i|el|los|las|der|die|das|den|det|o|os|as";
const LEADING = new RegExp(`^(?:${ARTICLE.replace("l['’]|", '')})\\s+|^l['’]\\s*`, 'i');
const TRAILING = new RegExp(`,\\s*(?:${ARTICLE})\\s*$`, 'i');

/** Longest difference of the release years that two lists may give to one film. */
const YEARS_APART = 1;

/** Names by how surely they tell a film: the name itself, its alternatives, a part of it. */
const NAME = 0;
const ALTERNATIVE = 1;
const PART = 2;
/** A part of more than one word: `The Movie` is a part of many. */
const LONG_PART = 3;

/** What is compared, surest first: names of one list, names of the other, years apart. */
const PASSES: readonly (readonly [own: number, other: number, apart: number])[] = [
  ...[0, YEARS_APART].flatMap((apart) =>
    [NAME, ALTERNATIVE].flatMap((own) => [NAME, ALTERNATIVE].map((other) => [own, other, apart] as const)),
  ),
  [NAME, PART, 0],
  [PART, NAME, 0],
  [LONG_PART, LONG_PART, 0],
];

/**
 * Finds each title in another list, by name and year. Names are compared without articles, accents, case and
 * punctuation; alternative names in brackets (`Seven (a.k.a. Se7en)`) and the parts around a colon or dash count after the
 * name itself, names a year apart after those of the same year. A title that several entries fit alike stays without
 * any, and an entry found by a surer comparison is not given away again.
 *
 * @returns row in `others` by title, -1 for none
 */
export function joinTitles(titles: readonly NamedTitle[], others: readonly NamedTitle[]): Int32Array {
  const index = new Map<string, Set<number>>();
  others.forEach(({ name, year }, row) => {
    keysOf(name).forEach((keys, rank) => {
      for (const key of keys) {
        const place = `${rank} ${year} ${key}`;
        const rows = index.get(place);
        if (rows === undefined) index.set(place, new Set([row]));
        else rows.add(row);
      }
    });
  });
  const keys = titles.map(({ name }) => keysOf(name));
  const joined = new Int32Array(titles.length).fill(-1);
  const taken = new Set<number>();
  for (const [own, other, apart] of PASSES) {
    const found: [title: number, row: number][] = [];
    titles.forEach(({ year }, title) => {
      if (year === 0 || joined[title]! >= 0) return;
      const rows = new Set<number>();
      for (const key of keys[title]![own]!)
        for (let of = year - apart; of <= year + apart; of++)
          for (const row of index.get(`${other} ${of} ${key}`) ?? []) if (!taken.has(row)) rows.add(row);
      if (rows.size === 1) found.push([title, [...rows][0]!]);
    });
    for (const [title, row] of found) {
      joined[title] = row;
      taken.add(row);
    }
  }
  return joined;
}

/** Keys of one name, by rank. */
function keysOf(name: string): string[][] {
  const outside = name.replace(/\([^()]*\)/g, ' ').trim();
  const inside = [...name.matchAll(/\(([^()]*)\)/g)].map((match) =>
    match[1]!.replace(/^a\.?k\.?a\.?\s+/i, ''),
  );
  const parts = outside.split(/:| [-–] /);
  const [names, alternatives, around] = [
    [outside === '' ? name : outside, name],
    inside,
    parts.length > 1 ? [parts[0]!, parts.at(-1)!] : [],
  ].map((group) => [...new Set(group.map(keyOf).filter((key) => key !== ''))]);
  return [names!, alternatives!, around!, around!.filter((key) => key.includes(' '))];
}

function keyOf(name: string): string {
  const bare = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .trim()
    .replace(TRAILING, '')
    .replace(LEADING, '');
  const key = words(bare);
  return key === '' ? words(name.toLowerCase()) : key;
}

function words(text: string): string {
  return text
    .replaceAll('&', ' and ')
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
