import { describe, expect, it } from 'vitest';
import type { StageDeclaration } from '../../src/declarations.ts';
import { createMemoryCandidateStore } from '../../src/ranking/candidate-store.ts';
import type { Models } from '../../src/ranking/models.ts';
import { retrieveLists } from '../../src/ranking/retrieve.ts';
import { createRecommender } from '../../src/recommender.ts';
import { createPipeline } from '../../src/variants/pipeline.ts';
import { createViewers } from '../../src/viewers.ts';
import { smallModelsWithItems } from '../variants/fixtures.ts';
import { declarationsOf, NOW, uuid } from './fixtures.ts';
import { harness } from './harness.ts';

/** What is posted is felt in the next slate, through the routes, the real pipelines and stored lists. */

const models = smallModelsWithItems();
/** What fans of the even titles watched, and those of the odd ones. */
const EVEN = [2, 4, 6, 10, 14, 18];
const ODD = [1, 3, 5, 7, 9, 11];

const hybrid: StageDeclaration[] = [
  {
    stage: 'candidates',
    parameters: { sources: [{ ials: 10 }, { ease: 10 }, { content: 6 }, { trending: 4 }] },
  },
  { stage: 'blend', parameters: { weights: { ials: 1, ease: 1, content: 0.5 }, coldStart: 3 } },
  { stage: 'fill', parameters: {} },
];

interface Slot {
  readonly title: string;
  readonly reason: string;
  readonly because?: { readonly title: string };
}

async function serve(pipeline: StageDeclaration[], by: Models = models) {
  const viewers = createViewers();
  const candidates = createMemoryCandidateStore();
  const declarations = {
    ...declarationsOf(),
    surfaces: [{ name: 'homepage', slots: 8, pipeline }],
  };
  const recommender = createRecommender({
    declarations: () => declarations,
    models: () => by,
    viewers,
    candidates,
    environment: 'test',
    states: () => new Map(),
    micros: () => 0,
    createPipeline: (stages) => createPipeline(stages, () => 0),
  });
  const { app } = harness(declarations, { recommender, viewers, models: () => by });
  let events = 0;
  return {
    watched: (user: string, titles: readonly number[]) => {
      for (const title of titles) viewers.watched(user, title, 1, NOW - 1);
    },
    /** Stores lists of what is known now, as a nightly run does. */
    precompute: (users: readonly string[]) =>
      candidates.putMany(
        by.version,
        users.map((user) => [user, retrieveLists(by, viewers.get(user), 30)] as const),
      ),
    async post(user: string, title: number, seconds: number) {
      const id = uuid(++events);
      const event = { id, user, at: NOW, name: 'watch', value: seconds, title: `t-${title}` };
      const answer = await app.inject({ method: 'POST', url: '/v1/events', payload: { events: [event] } });
      expect(answer.json().results).toMatchObject([{ status: 'accepted' }]);
    },
    async slate(user: string): Promise<Slot[]> {
      const answer = await app.inject(`/v1/recommendations/${user}?surface=homepage`);
      expect(answer.json().fallback).toBe('none');
      return answer.json().slate;
    },
  };
}

const rows = (slate: readonly Slot[]) => slate.map(({ title }) => Number(title.slice(2)));
const oddOnes = (slate: readonly Slot[]) => rows(slate).filter((title) => title % 2 === 1).length;
const WHOLE = 100 * 60;

describe.each([
  ['without stored lists', false],
  ['with stored lists', true],
])('a watch that is posted, %s', (_, stored) => {
  it('turns the next slate towards titles like it', async () => {
    const { watched, precompute, post, slate } = await serve(hybrid);
    watched('u', EVEN);
    if (stored) await precompute(['u']);
    const before = await slate('u');
    expect(oddOnes(before)).toBeLessThanOrEqual(2);
    for (const [i, title] of ODD.entries()) {
      await post('u', title, WHOLE);
      if (i === 0) expect(rows(await slate('u'))).not.toEqual(rows(before));
    }
    expect(oddOnes(await slate('u'))).toBeGreaterThanOrEqual(oddOnes(before) + 2);
    expect(rows(await slate('u')).filter((title) => ODD.includes(title))).toEqual([]);
  });

  it('takes a film that was watched out, whatever put it there', async () => {
    const { watched, precompute, post, slate } = await serve(hybrid);
    watched('u', EVEN);
    if (stored) await precompute(['u']);
    const [first] = rows(await slate('u')).filter((title) => title % 8 !== 0);
    await post('u', first!, WHOLE);
    expect(rows(await slate('u'))).not.toContain(first);
  });

  it('is felt beside many others that are served together', async () => {
    const { watched, precompute, post, slate } = await serve(hybrid);
    const crowd = Array.from({ length: 40 }, (_, i) => `u${i}`);
    for (const user of crowd) watched(user, EVEN);
    if (stored) await precompute(crowd);
    const before = rows(await slate('u7'));
    for (const title of ODD) await post('u7', title, WHOLE);
    const slates = await Promise.all(crowd.map(slate));
    expect(rows(slates[7]!)).not.toEqual(before);
    expect(oddOnes(slates[7]!)).toBeGreaterThan(oddOnes(slates[8]!));
    expect(rows(slates[8]!)).toEqual(before);
  });

  it('says nothing when the title was soon left', async () => {
    const { watched, precompute, post, slate } = await serve(hybrid);
    watched('u', EVEN);
    if (stored) await precompute(['u']);
    const before = await slate('u');
    await post('u', 1, 0.1 * WHOLE);
    expect(await slate('u')).toEqual(before);
  });
});

describe('a slot says why', () => {
  it('names the watched title that it resembles, the posted one at once', async () => {
    const { watched, post, slate } = await serve(hybrid);
    watched('u', EVEN);
    const first = (await slate('u')).filter(({ reason }) => reason === 'like-watched');
    expect(first.length).toBeGreaterThan(0);
    for (const { because } of first) expect(EVEN).toContain(Number(because!.title.slice(2)));
    for (const title of ODD) await post('u', title, WHOLE);
    const named = (await slate('u')).flatMap(({ because }) => (because ? [because.title] : []));
    expect(named.some((title) => ODD.includes(Number(title.slice(2))))).toBe(true);
  });

  it.each([
    ['trending', { trending: 8 }],
    ['popular', { popularity: 8 }],
    ['new', { new: 4 }],
    ['trending-in-country', { trending: { quota: 8, by: 'country' } }],
    ['trending-at-this-hour', { trending: { quota: 8, by: 'hour' } }],
    ['popular-in-group', { popularity: { quota: 8, by: 'group' } }],
    ['in-progress', { continuation: 8 }],
  ])('%s', async (reason, source) => {
    const { watched, slate } = await serve([
      { stage: 'candidates', parameters: { sources: [source] } },
      { stage: 'fill', parameters: {} },
    ]);
    watched('u', [8, 16]);
    expect((await slate('u'))[0]).toMatchObject({ reason });
  });
});
