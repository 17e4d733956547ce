import type { Interactions } from './catalogue.ts';
import { selectInteractions, sliceByUser } from './time-slices.ts';

/** How one data set is cut into what models know and what they are judged by. */
export const PROTOCOLS = ['leave-last', 'next-5', 'temporal', 'strong-generalisation', 'ml-100k-ua'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One line each, for the help and the documents. `stars` and more are liked. */
export const PROTOCOL_SUMMARIES: Readonly<Record<Protocol, string>> = {
  'leave-last': 'the last 20 % of each user are held out; relevant are those they liked',
  'next-5': 'the last 5 of each user of 10 and more are held out; all are relevant',
  temporal:
    'everything from a day on is held out; relevant is what users with a history before that day came to like',
  'strong-generalisation':
    'every fifth user is held out of training; their first 80 % are folded in, relevant is what they liked of the rest',
  'ml-100k-ua': 'the official ua.base and ua.test of ml-100k; relevant are ratings of 4 and more in ua.test',
};

/** Whole days of UTC: what `temporal` judges. */
export interface JudgedDays {
  /** Midnight that opens the first of them, epoch ms; absent: the day of the interaction at floor(0.8 n). */
  readonly from?: number;
  /** How many, at least 1; absent: all that follow. */
  readonly days?: number;
}

const DAY_MS = 86_400_000;

/** All parts are ordered by time and keep the user rows. */
export interface ProtocolSplit {
  /** First part of what the models may know, and the rest of it, where a re-ranker's labels come from. */
  readonly earlier: Interactions;
  readonly labels: Interactions;
  /** Both: what models are trained on. */
  readonly known: Interactions;
  /** What users are judged by: their history, known to the models or folded in. */
  readonly history: Interactions;
  /** What nobody has seen. */
  readonly unseen: Interactions;
  /** The relevant part of it, without titles in the user's history; users without any are not judged. */
  readonly heldOut: Interactions;
}

const FOLDED_IN = 0.8;
const NEXT = 5;
/** Users with fewer interactions are not judged by their next five. */
const NEXT_FROM = 10;
/** Of each user's known part, the share that opens the re-ranker's labels. */
const EARLIER = 0.75;

/** Cuts a history by a protocol; for the official files see `officialSplit`. @param liked least weight of a positive @param judged for `temporal` */
export function splitBy(
  protocol: Exclude<Protocol, 'ml-100k-ua'>,
  interactions: Interactions,
  liked: number,
  judged: JudgedDays = {},
): ProtocolSplit {
  switch (protocol) {
    case 'leave-last': {
      const { earlier, labels, known, unseen } = sliceByUser(interactions);
      return { earlier, labels, known, history: known, unseen, heldOut: relevantOf(unseen, known, liked) };
    }
    case 'next-5': {
      const { place, total } = placesOf(interactions);
      const held = (entry: number): boolean => {
        const length = total[interactions.users[entry]!]!;
        return length >= NEXT_FROM && place[entry]! >= length - NEXT;
      };
      const known = selectInteractions(interactions, (entry) => !held(entry));
      const unseen = selectInteractions(interactions, held);
      return { ...cutLabels(known), known, history: known, unseen, heldOut: relevantOf(unseen, known, 0) };
    }
    case 'temporal': {
      const { at, count } = interactions;
      const usual = count === 0 ? 0 : DAY_MS * Math.floor(at[Math.floor(FOLDED_IN * count)]! / DAY_MS);
      const { from = usual, days = Number.POSITIVE_INFINITY } = judged;
      const known = selectInteractions(interactions, (entry) => at[entry]! < from);
      const unseen = selectInteractions(
        interactions,
        (entry) => at[entry]! >= from && at[entry]! < from + DAY_MS * days,
      );
      const met = new Set(known.users);
      const come = selectInteractions(unseen, (entry) => met.has(unseen.users[entry]!));
      return {
        ...cutLabels(known),
        known,
        history: known,
        unseen,
        heldOut: relevantOf(come, known, liked),
      };
    }
    case 'strong-generalisation': {
      const { place, total } = placesOf(interactions);
      const apart = (entry: number): boolean => interactions.users[entry]! % 5 === 4;
      const late = (entry: number): boolean =>
        apart(entry) && place[entry]! >= Math.floor(FOLDED_IN * total[interactions.users[entry]!]!);
      const known = selectInteractions(interactions, (entry) => !apart(entry));
      const history = selectInteractions(interactions, (entry) => !late(entry));
      const unseen = selectInteractions(interactions, late);
      return { ...cutLabels(known), known, history, unseen, heldOut: relevantOf(unseen, history, liked) };
    }
  }
}

/** The split that a data set's own files make. */
export function officialSplit(train: Interactions, test: Interactions, liked: number): ProtocolSplit {
  return {
    ...cutLabels(train),
    known: train,
    history: train,
    unseen: test,
    heldOut: relevantOf(test, train, liked),
  };
}

/** Place of each interaction in its user's history, from 0, and the length of each history. */
function placesOf({ count, users, userCount }: Interactions): { place: Int32Array; total: Int32Array } {
  const total = new Int32Array(userCount);
  const place = Int32Array.from({ length: count }, (_, entry) => total[users[entry]!]!++);
  return { place, total };
}

/** Row floor(0.75 n) of each user opens the labels. */
function cutLabels(known: Interactions): Pick<ProtocolSplit, 'earlier' | 'labels'> {
  const { place, total } = placesOf(known);
  const early = (entry: number): boolean => place[entry]! < Math.floor(EARLIER * total[known.users[entry]!]!);
  return {
    earlier: selectInteractions(known, early),
    labels: selectInteractions(known, (entry) => !early(entry)),
  };
}

/** Of unseen interactions those of at least the weight, whose title the user's history does not have: it is never shown again. */
function relevantOf(unseen: Interactions, history: Interactions, liked: number): Interactions {
  const seen = new Map<number, Set<number>>();
  for (let entry = 0; entry < history.count; entry++) {
    const user = history.users[entry]!;
    const titles = seen.get(user);
    if (titles) titles.add(history.titles[entry]!);
    else seen.set(user, new Set([history.titles[entry]!]));
  }
  return selectInteractions(
    unseen,
    (entry) => unseen.weights[entry]! >= liked && !seen.get(unseen.users[entry]!)?.has(unseen.titles[entry]!),
  );
}
