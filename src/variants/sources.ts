import { type TProperties, Type } from 'typebox';
import { groupTitles } from '../ranking/demographics.ts';
import type { Models } from '../ranking/models.ts';
import { newTitles } from '../ranking/new-titles.ts';
import { onboardingTitles, popularTitles } from '../ranking/orders.ts';
import { hourBand } from '../ranking/trending-counter.ts';
import type { CandidateLists } from '../ranking/viewer.ts';
import { type History, inProgress } from './history.ts';
import { notTrained } from './needed-models.ts';
import type { RankingRequest, Source } from './stage.ts';

/** What `candidates` may take titles from. `explore` is not among them: the last stage draws it. */
const SUMMARIES = {
  ials: 'implicit-feedback matrix factorisation (collaborative)',
  content: 'titles like those watched, by metadata and text',
  itemKnn: 'titles watched by the same users as those watched (item-kNN)',
  ease: 'linear weights from the titles watched (EASE; up to 20,000 watched titles)',
  trending: 'most watched in the last 7 days',
  continuation: 'series in progress',
  popularity: 'most watched of all time',
  onboarding: 'the onboarding picks and titles like them, until 5 watches',
  new: 'titles that came lately, those closest to the viewer first',
} as const;
type Offered = keyof typeof SUMMARIES;

/** A title is new for as long. */
const NEW_DAYS = 28;

const LENGTH = { minimum: 1, maximum: 1_000 };

function plain(source: Offered) {
  return Type.Optional(
    Type.Integer({ ...LENGTH, description: `At most this many titles: ${SUMMARIES[source]}.` }),
  );
}

/** @param example of the choice, for errors */
function withChoice(source: Offered, example: string, choice: TProperties) {
  const description = `At most this many titles, or {quota, ${Object.keys(choice)}}: ${SUMMARIES[source]}.`;
  const chosen = Type.Object(
    { quota: Type.Integer({ ...LENGTH, description: 'At most this many titles.' }), ...choice },
    { additionalProperties: false },
  );
  return Type.Optional(
    Type.Unsafe<number | Chosen>(
      Type.Union([Type.Integer(LENGTH), chosen], {
        description,
        expects: `a number of titles from 1 to 1000, or {quota: 60, ${example}}`,
      }),
    ),
  );
}

interface Chosen {
  readonly quota: number;
  readonly by?: 'everyone' | 'country' | 'hour' | 'group';
  readonly days?: number;
}

/** Schema of one source and its quota. */
export const sourceQuotaSchema = Type.Object(
  {
    ials: plain('ials'),
    content: plain('content'),
    itemKnn: plain('itemKnn'),
    ease: plain('ease'),
    trending: withChoice('trending', 'by: country', {
      by: Type.Optional(
        Type.Union([Type.Literal('everyone'), Type.Literal('country'), Type.Literal('hour')], {
          default: 'everyone',
          description:
            "With everyone, in the request's country, or in its part of the day (four hours, UTC). A country counts as far as it " +
            'differs by more than chance: one with few watches follows everyone.',
        }),
      ),
    }),
    continuation: plain('continuation'),
    popularity: withChoice('popularity', 'by: group', {
      by: Type.Optional(
        Type.Union([Type.Literal('everyone'), Type.Literal('group')], {
          default: 'everyone',
          description:
            'With everyone, or with viewers of the same country and age group, as far as they are known.',
        }),
      ),
    }),
    onboarding: plain('onboarding'),
    new: withChoice('new', 'days: 7', {
      days: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          maximum: 365,
          default: NEW_DAYS,
          description: 'How long a title is new.',
        }),
      ),
    }),
  },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

/** Most entries of a list of sources. */
export const MOST_SOURCES = 2 * Object.keys(SUMMARIES).length;

/** One source as a pipeline uses it. */
export interface SourceQuota {
  /** What is logged with its titles. */
  readonly source: Source;
  readonly quota: number;
  /** Whether its titles are precomputed. */
  readonly listed: boolean;
  /** Best first; may hold finished titles. */
  readonly titles: (
    models: Models,
    request: RankingRequest,
    lists: CandidateLists | undefined,
    history: History,
  ) => Int32Array;
}

/** @param declared a valid entry, e.g. {trending: {quota: 60, by: country}} */
export function sourceQuota(declared: Readonly<Partial<Record<Offered, number | Chosen>>>): SourceQuota {
  const [name, given] = Object.entries(declared)[0] as [Offered, number | Chosen];
  const chosen: Chosen = typeof given === 'number' ? { quota: given } : given;
  const { quota, by = 'everyone', days = NEW_DAYS } = chosen;
  const made = (titles: SourceQuota['titles'], source: Source = name): SourceQuota => ({
    source,
    quota,
    listed: false,
    titles,
  });
  switch (name) {
    case 'ials':
    case 'content':
    case 'itemKnn':
    case 'ease':
      return { ...made((_models, _request, lists) => listOf(lists, name)), listed: true };
    case 'trending':
      if (by === 'country')
        return made(
          ({ trending }, { country }) => trending.countries?.get(country) ?? trending.order,
          'countryTrending',
        );
      if (by === 'hour')
        return made(
          ({ trending }, { at }) => trending.hours?.[hourBand(at)] ?? trending.order,
          'hourTrending',
        );
      return made(({ trending }) => trending.order);
    case 'popularity':
      if (by === 'group')
        return made(
          ({ demographics, trending }, { country, viewer }) =>
            demographics === undefined
              ? popularTitles(trending)
              : groupTitles(demographics, country, viewer.ageGroup),
          'groupPopularity',
        );
      return made(({ trending }) => popularTitles(trending));
    case 'onboarding':
      return made((models, { viewer }) => onboardingTitles(models, viewer));
    case 'continuation':
      return made(({ catalogue }, { viewer }, _lists, history) => inProgress(history, viewer, catalogue));
    case 'new':
      return made((models, { viewer, at }) => newTitles(models, viewer, at, days));
  }
}

function listOf(
  lists: CandidateLists | undefined,
  source: 'ials' | 'content' | 'itemKnn' | 'ease',
): Int32Array {
  const list = lists?.[source];
  if (list === undefined) throw notTrained(source);
  return list.titles;
}
