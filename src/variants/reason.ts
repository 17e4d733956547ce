import { SOURCES, type Source } from './stage.ts';

/** Why a title is in a slate, in the words of an API. */
export const REASONS = [
  'like-watched',
  'like-viewer',
  'trending',
  'trending-in-country',
  'trending-at-this-hour',
  'popular',
  'popular-in-group',
  'new',
  'in-progress',
  'onboarding',
  'explored',
] as const;
export type Reason = (typeof REASONS)[number];

const OF_SOURCE: Readonly<Record<Source, Reason>> = {
  ials: 'like-viewer',
  content: 'like-viewer',
  itemKnn: 'like-viewer',
  ease: 'like-viewer',
  trending: 'trending',
  countryTrending: 'trending-in-country',
  hourTrending: 'trending-at-this-hour',
  popularity: 'popular',
  groupPopularity: 'popular-in-group',
  new: 'new',
  continuation: 'in-progress',
  onboarding: 'onboarding',
  explore: 'explored',
};

const PERSONAL = SOURCES.map((source) => OF_SOURCE[source] === 'like-viewer');

/** Whether titles of a source are there for what the viewer watched, so that one of these may be named. */
export function isPersonal(source: number): boolean {
  return PERSONAL[source]!;
}

/**
 * @param source  row in SOURCES
 * @param because whether a watched title is named that this one resembles
 */
export function reasonOf(source: number, because: boolean): Reason {
  return because ? 'like-watched' : OF_SOURCE[SOURCES[source]!];
}
