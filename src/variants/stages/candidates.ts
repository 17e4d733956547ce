import { type Static, Type } from 'typebox';
import type { Models } from '../../ranking/models.ts';
import { newTitles } from '../../ranking/new-titles.ts';
import { onboardingTitles, popularTitles } from '../../ranking/orders.ts';
import { retrieveLists } from '../../ranking/retrieve.ts';
import type { CandidateLists } from '../../ranking/viewer.ts';
import { createHistory, type History, inProgress, readHistory } from '../history.ts';
import {
  type Candidates,
  SOURCES,
  type Source,
  type Stage,
  type StageDefinition,
  type Work,
} from '../stage.ts';
import { reserve } from '../work.ts';

/** `explore` is not a source of candidates: the last stage draws it. */
const RETRIEVED = [
  'ials',
  'content',
  'itemKnn',
  'ease',
  'trending',
  'continuation',
  'popularity',
  'onboarding',
] as const;

const SUMMARIES: Record<(typeof RETRIEVED)[number], string> = {
  ials: 'implicit-feedback matrix factorisation (collaborative)',
  content: 'titles like those watched, by metadata and text',
  itemKnn: 'titles watched by the same users as those watched (item-kNN)',
  ease: 'linear weights from the titles watched (EASE; up to 20,000 watched titles)',
  trending: 'most watched in the last 7 days',
  continuation: 'series in progress',
  popularity: 'most watched of all time',
  onboarding: 'the onboarding picks and titles like them, until 5 watches',
};

const Quotas = Type.Object(
  Object.fromEntries(
    RETRIEVED.map((source) => [
      source,
      Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          description: `At most this many titles: ${SUMMARIES[source]}.`,
        }),
      ),
    ]),
  ),
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

const Parameters = Type.Object(
  {
    sources: Type.Array(Quotas, {
      minItems: 1,
      maxItems: RETRIEVED.length,
      description:
        'Sources and their quotas, e.g. [{ials: 150}, {content: 60}]. A title that several offer counts for the first; ' +
        'what a source cannot fill goes to popular titles.',
    }),
  },
  { additionalProperties: false },
);

/** Sources whose titles are precomputed. */
const LISTED: ReadonlySet<Source> = new Set<Source>(['ials', 'content', 'itemKnn', 'ease']);

/** A title is new for as long. */
const NEW_DAYS = 28;

/** Lists computed within a request are somewhat longer than a quota, because finished and double titles are dropped. */
const SPARE = 50;

export const candidates: StageDefinition<typeof Parameters> = {
  name: 'candidates',
  summary:
    'Collects titles from several sources, without those the viewer finished, and computes their scores.',
  parameters: Parameters,
  place: 'first',
  make(parameters: Static<typeof Parameters>): Stage {
    const quotas = parameters.sources.map((entry): readonly [Source, number] => {
      const [source, quota] = Object.entries(entry)[0] as [Source, number];
      return [source, quota];
    });
    // What is in progress is the most specific reason, so it is credited first wherever it is declared.
    quotas.sort(([a], [b]) => Number(b === 'continuation') - Number(a === 'continuation'));
    const total = quotas.reduce((sum, [, quota]) => sum + quota, 0);
    let history: History | undefined;
    return {
      name: 'candidates',
      onFailure: 'fail',
      run(batch, models) {
        if (history?.size !== models.catalogue.size) history = createHistory(models.catalogue.size);
        for (const work of batch) collect(work, models, quotas, total, history);
      },
    };
  },
};

function collect(
  { request, candidates: out }: Work,
  models: Models,
  quotas: readonly (readonly [Source, number])[],
  total: number,
  history: History,
): void {
  const { viewer } = request;
  const wanted = Math.min(models.catalogue.size, Math.max(total, request.k));
  reserve(out, wanted);
  out.count = 0;
  readHistory(history, viewer, models.catalogue);
  let lists = request.lists;
  for (const [source, quota] of quotas) {
    if (lists === undefined && LISTED.has(source)) {
      lists = retrieveLists(models, viewer, total + SPARE);
    }
    take(out, titlesOf(source, models, request, lists, history), SOURCES.indexOf(source), quota, 1, history);
  }
  const popular = popularTitles(models.trending);
  const popularity = SOURCES.indexOf('popularity');
  if (out.count < wanted) take(out, popular, popularity, wanted - out.count, 0, history);
  if (out.count < Math.min(request.k, models.catalogue.size)) {
    // Nearly everything was watched: rather a title seen before than an empty slot.
    history.finished = -1;
    take(out, popular, popularity, request.k - out.count, -1, history);
  }
  out.because.fill(-1, 0, out.count);
  out.scored = false;
}

function titlesOf(
  source: Source,
  models: Models,
  { viewer, at }: Work['request'],
  lists: CandidateLists | undefined,
  history: History,
): Int32Array {
  switch (source) {
    case 'ials':
    case 'content':
    case 'itemKnn':
    case 'ease': {
      const list = lists![source];
      if (list === undefined)
        throw new Error(`${source} was not trained for these models; declare it and start anew`);
      return list.titles;
    }
    case 'trending':
      return models.trending.order;
    case 'popularity':
      return popularTitles(models.trending);
    case 'onboarding':
      return onboardingTitles(models, viewer);
    case 'continuation':
      return inProgress(history, viewer, models.catalogue);
    case 'new':
      return newTitles(models, viewer, at, NEW_DAYS);
    case 'explore':
      throw new Error('explore is no source of candidates; give the fill stage a share to explore');
  }
}

/** Takes up to `quota` titles not taken and not finished; their scores fall from `top` towards `top` - 1 in the given order. */
function take(
  out: Candidates,
  titles: Int32Array,
  source: number,
  quota: number,
  top: number,
  history: History,
): void {
  const { mark, taken, finished } = history;
  const end = Math.min(out.titles.length, out.count + quota);
  let at = out.count;
  const fall = 1 / quota;
  let score = top;
  for (let i = 0; i < titles.length && at < end; i++) {
    const title = titles[i]!;
    const seen = mark[title]!;
    if (seen === taken || seen === finished) continue;
    mark[title] = taken;
    out.titles[at] = title;
    out.source[at] = source;
    out.score[at] = score;
    score -= fall;
    at++;
  }
  out.count = at;
}
