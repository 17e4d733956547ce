import { hash } from './random.ts';
import { ADJECTIVES, CODAS, MIDDLES, NOUNS, ONSETS } from './vocabulary.ts';

const SUBTITLES = [
  'Part Two',
  'The Return',
  'Reborn',
  'A New Dawn',
  'Homecoming',
  'Origins',
  'The Reckoning',
  'Afterwards',
];

/** An invented place or family name. */
export function inventPlace(seed: number, row: number, purpose: number): string {
  const of = (list: readonly string[], turn: number) => list[hash(seed, row, purpose, turn) % list.length]!;
  return of(ONSETS, 0) + of(MIDDLES, 1) + of(CODAS, 2);
}

/** A readable title; `taken` keeps the names of one catalogue apart. */
export function inventName(seed: number, row: number, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const of = (list: readonly string[], turn: number) =>
      list[hash(seed, row, 100 + attempt, turn) % list.length]!;
    const adjective = of(ADJECTIVES, 0);
    const noun = of(NOUNS, 1);
    const other = of(NOUNS, 2);
    const place = inventPlace(seed, row, 200 + attempt);
    const patterns = [
      `The ${adjective} ${noun}`,
      `${noun} of ${place}`,
      `${place}`,
      `${adjective} ${noun}, ${adjective === 'Last' ? 'First' : 'Last'} ${other}`,
      `The ${noun} in ${place}`,
      `The ${noun} and the ${other}`,
      `${place} ${noun}`,
      `${adjective} ${place}`,
      `The ${noun}s of ${place}`,
    ];
    const base = patterns[hash(seed, row, 100 + attempt, 3) % patterns.length]!;
    const sequel = hash(seed, row, 100 + attempt, 4) % 100 < 6;
    const name = sequel ? `${base}: ${of(SUBTITLES, 5)}` : base;
    if (!taken.has(name)) {
      taken.add(name);
      return name;
    }
  }
}
