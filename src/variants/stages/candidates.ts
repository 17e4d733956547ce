import { type Static, Type } from 'typebox';
import type { Models } from '../../ranking/models.ts';
import { popularTitles } from '../../ranking/orders.ts';
import { retrieveLists } from '../../ranking/retrieve.ts';
import { ADULT, allowedTitles, type Limits } from '../../ranking/rules.ts';
import { createHistory, type History, readHistory } from '../history.ts';
import { perCatalogue, SELECTION_KEYS, selectedRows } from '../selection.ts';
import { MOST_SOURCES, type SourceQuota, sourceQuota, sourceQuotaSchema } from '../sources.ts';
import { type Candidates, SOURCES, type Stage, type StageDefinition, type Work } from '../stage.ts';
import { reserve } from '../work.ts';

const Parameters = Type.Object(
  {
    sources: Type.Array(sourceQuotaSchema, {
      minItems: 1,
      maxItems: MOST_SOURCES,
      description:
        'Sources and their quotas, e.g. [{ials: 150}, {content: 60}]. A title that several offer counts for the first; ' +
        'what a source cannot fill goes to popular titles.',
    }),
    rules: Type.Optional(
      Type.Object(
        {
          ban: Type.Optional(
            Type.Object(SELECTION_KEYS, {
              additionalProperties: false,
              description: 'Titles that are shown to nobody. What the catalogue does not know is not banned.',
            }),
          ),
          maturity: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 99,
              description:
                'Nothing for viewers of more years than this, whoever asks: 7 for a page for children.',
            }),
          ),
          unknownAge: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: ADULT,
              default: ADULT,
              description: 'Years that a viewer of unknown age counts as.',
            }),
          ),
        },
        {
          additionalProperties: false,
          description:
            'What may not be shown, beyond the times, countries and ages that the catalogue says of its titles: those always hold. ' +
            'Rules hold for the popular titles that stand in for a pipeline that failed, too.',
        },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Lists computed within a request are somewhat longer than a quota, because finished and double titles are dropped. */
const SPARE = 50;

export const candidates: StageDefinition<typeof Parameters> = {
  name: 'candidates',
  summary:
    'Collects titles from several sources that may be shown to the viewer here and now, without those they finished.',
  parameters: Parameters,
  place: 'first',
  make(parameters: Static<typeof Parameters>): Stage {
    const quotas = parameters.sources.map(sourceQuota);
    // What is in progress is the most specific reason, so it is credited first wherever it is declared.
    quotas.sort((a, b) => Number(b.source === 'continuation') - Number(a.source === 'continuation'));
    const total = quotas.reduce((sum, { quota }) => sum + quota, 0);
    const { ban = {}, maturity = Number.POSITIVE_INFINITY, unknownAge = ADULT } = parameters.rules ?? {};
    const limits = perCatalogue((catalogue) => ({
      banned: selectedRows(ban, catalogue),
      maturity,
      unknownAge,
    }));
    let history: History | undefined;
    return {
      name: 'candidates',
      onFailure: 'fail',
      run(batch, models) {
        if (history?.size !== models.catalogue.size) history = createHistory(models.catalogue.size);
        const rules = [limits(models.catalogue)];
        for (const work of batch) collect(work, models, quotas, total, rules, history);
      },
      readsLists: quotas.some(({ listed }) => listed),
      limits,
    };
  },
};

function collect(
  work: Work,
  models: Models,
  quotas: readonly SourceQuota[],
  total: number,
  rules: readonly Limits[],
  history: History,
): void {
  const { request, candidates: out } = work;
  const { catalogue } = models;
  const { size } = catalogue;
  const isOffered = allowedTitles(catalogue, request, rules);
  const wanted = Math.min(size, Math.max(total, request.k));
  reserve(out, wanted);
  out.count = 0;
  readHistory(history, request.viewer, catalogue);
  let lists = request.lists;
  for (const { source, quota, listed, titles } of quotas) {
    if (listed) lists ??= retrieveLists(models, request.viewer, total + SPARE);
    const offered = titles(models, request, lists, history);
    take(out, offered, SOURCES.indexOf(source), quota, 1, history, isOffered);
  }
  const popular = popularTitles(models.trending);
  const popularity = SOURCES.indexOf('popularity');
  if (out.count < wanted) take(out, popular, popularity, wanted - out.count, 0, history, isOffered);
  const least = Math.min(request.k, size);
  if (out.count < least) {
    // Nearly everything was watched: rather a title seen before than an empty slot.
    history.finished = -1;
    take(out, popular, popularity, least - out.count, -1, history, isOffered);
  }
  out.because.fill(-1, 0, out.count);
  out.scored = false;
}

/**
 * Takes up to `quota` titles that may be shown, not taken and not finished; their scores fall from `top` towards `top` - 1
 * in the given order.
 */
function take(
  out: Candidates,
  titles: Int32Array,
  source: number,
  quota: number,
  top: number,
  history: History,
  isOffered: (title: number) => boolean,
): void {
  const { mark, taken, finished } = history;
  const end = Math.min(out.titles.length, out.count + quota);
  let at = out.count;
  const fall = 1 / quota;
  let score = top;
  for (let i = 0; i < titles.length && at < end; i++) {
    const title = titles[i]!;
    const seen = mark[title]!;
    if (seen === taken || seen === finished || !isOffered(title)) continue;
    mark[title] = taken;
    out.titles[at] = title;
    out.source[at] = source;
    out.score[at] = score;
    score -= fall;
    at++;
  }
  out.count = at;
}
