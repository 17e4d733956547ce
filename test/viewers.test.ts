import { describe, expect, it } from 'vitest';
import { activityOf, createViewers } from '../src/viewers.ts';

describe('viewers', () => {
  it('answers an empty viewer for a stranger and does not keep them', () => {
    const viewers = createViewers();
    expect(viewers.get('nobody')).toMatchObject({
      id: 'nobody',
      country: '',
      ageGroup: 'unknown',
      watchCount: 0,
    });
    expect(viewers.size).toBe(0);
  });

  it('appends watches in order and counts revisions', () => {
    const viewers = createViewers();
    for (let watch = 0; watch < 9; watch++) viewers.watched('u', watch, watch + 0.5, 1000 + watch);
    const viewer = viewers.get('u');
    expect(viewer.watchCount).toBe(9);
    expect(viewer.revision).toBe(9);
    expect([...viewer.watchedTitles.slice(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(viewer.watchedWeights[8]).toBe(8.5);
    expect(viewer.watchedAt[8]).toBe(1008);
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a name like any other', (id) => {
    const viewers = createViewers();
    viewers.watched(id, 1, 1, 1);
    expect(viewers.get(id).watchCount).toBe(1);
    expect(viewers.get('other').watchCount).toBe(0);
  });

  it('keeps what a profile leaves out', () => {
    const viewers = createViewers();
    viewers.profile('u', { country: 'DE', picks: [1, 2] });
    viewers.profile('u', { ageGroup: '18-24' });
    expect(viewers.get('u')).toMatchObject({ country: 'DE', ageGroup: '18-24', picks: [1, 2], revision: 2 });
  });

  it('forgets the older half of a history at its limit', () => {
    const viewers = createViewers({ historyLimit: 4 });
    for (let watch = 0; watch < 5; watch++) viewers.watched('u', watch, 1, watch);
    const { watchCount, watchedTitles } = viewers.get('u');
    expect([...watchedTitles.slice(0, watchCount)]).toEqual([2, 3, 4]);
  });

  it('forgets the viewer that changed longest ago at its capacity', () => {
    const viewers = createViewers({ capacity: 2 });
    viewers.watched('a', 1, 1, 1);
    viewers.watched('b', 1, 1, 1);
    viewers.watched('a', 2, 1, 1);
    viewers.watched('c', 1, 1, 1);
    expect(['a', 'b', 'c'].map((id) => viewers.get(id).watchCount)).toEqual([2, 0, 1]);
  });

  it('loads interactions, latest watches kept', () => {
    const viewers = createViewers({ historyLimit: 4 });
    const users = [0, 1, 0, 0, 0, 0];
    viewers.load(['a', 'b', 'unseen'], {
      count: users.length,
      users: Int32Array.from(users),
      titles: Int32Array.from([10, 20, 11, 12, 13, 14]),
      weights: Float32Array.from([1, 2, 1, 1, 1, 1]),
      at: Float64Array.from([1, 2, 3, 4, 5, 6]),
      userCount: 3,
    });
    const a = viewers.get('a');
    expect([...a.watchedTitles.slice(0, a.watchCount)]).toEqual([12, 13, 14]);
    expect(viewers.get('b')).toMatchObject({ watchCount: 1, watchedTitles: Int32Array.of(20) });
    expect(viewers.size).toBe(2);
  });
});

it.each([
  [0, 'new'],
  [4, 'new'],
  [5, 'casual'],
  [29, 'casual'],
  [30, 'power'],
])('%i watches are %s', (watches, activity) => expect(activityOf(watches)).toBe(activity));
