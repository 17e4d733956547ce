import { describe, expect, it } from 'vitest';
import type { SlateCacheDeclaration } from '../../src/declarations.ts';
import { createSlateCache } from '../../src/variants/slate-cache.ts';
import type { RankingRequest } from '../../src/variants/stage.ts';
import { createViewers } from '../../src/viewers.ts';
import { modelsOf, NOW, slateOf } from '../http/fixtures.ts';

const models = modelsOf();
const versions = { configuration: 'c1', models: models.version };
const SECOND = 1_000;

function setUp(declaration: Partial<SlateCacheDeclaration> = {}) {
  const viewers = createViewers();
  const cache = createSlateCache({
    repeatMs: 60 * SECOND,
    fallbackMs: 600 * SECOND,
    slates: 3,
    ...declaration,
  });
  const request = (user: string, more: Partial<RankingRequest> = {}): RankingRequest => ({
    requestId: 'r',
    viewer: viewers.get(user),
    lists: undefined,
    surface: 'homepage',
    device: 'tv',
    country: 'US',
    at: NOW,
    k: 4,
    ...more,
  });
  const keep = (asked: RankingRequest, first = 0, of = versions) =>
    cache.keep('ab/a', asked, {
      slate: slateOf([first, first + 1, first + 2, first + 3]),
      relaxed: 0,
      ...of,
    });
  const repeated = (asked: RankingRequest, of = versions, pipeline = 'ab/a') =>
    cache.repeat(pipeline, asked, of)?.slate.titles[0];
  const fallen = (asked: RankingRequest, limits: Parameters<typeof cache.fallback>[4] = []) =>
    cache.fallback('ab/a', asked, models, versions.configuration, limits)?.slate.titles[0];
  return { viewers, cache, request, keep, repeated, fallen };
}

describe('kept slates', () => {
  it('are given to the same request only', () => {
    const { request, keep, repeated } = setUp();
    keep(request('u-1'), 2);
    expect(repeated(request('u-1', { requestId: 'another' }))).toBe(2);
    expect(repeated(request('u-2'))).toBeUndefined();
    expect(repeated(request('u-1', { device: 'mobile' }))).toBeUndefined();
    expect(repeated(request('u-1', { country: 'DE' }))).toBeUndefined();
    expect(repeated(request('u-1', { k: 3 }))).toBeUndefined();
    expect(repeated(request('u-1'), versions, 'ab/b')).toBeUndefined();
    expect(repeated(request('u-1'), { ...versions, configuration: 'c2' })).toBeUndefined();
    expect(repeated(request('u-1'), { ...versions, models: 'm2' })).toBeUndefined();
  });

  it('live as long as declared, by the times of requests', () => {
    const { request, keep, repeated, fallen } = setUp();
    keep(request('u-1'));
    expect(repeated(request('u-1', { at: NOW + 59 * SECOND }))).toBe(0);
    expect(repeated(request('u-1', { at: NOW + 60 * SECOND }))).toBeUndefined();
    expect(fallen(request('u-1', { at: NOW + 599 * SECOND }))).toBe(0);
    expect(fallen(request('u-1', { at: NOW + 600 * SECOND }))).toBeUndefined();
    expect(repeated(request('u-1', { at: NOW - 1 }))).toBeUndefined();
  });

  it('are not repeated after a watch, and stand in without what was finished', () => {
    const { viewers, request, keep, repeated, fallen } = setUp();
    viewers.watched('u-1', 9, 1, NOW - 2);
    keep(request('u-1'));
    viewers.watched('u-1', 8, 1, NOW - 1);
    expect(repeated(request('u-1'))).toBeUndefined();
    expect(fallen(request('u-1'))).toBe(0);
    viewers.watched('u-1', 2, 1, NOW - 1);
    expect(fallen(request('u-1'))).toBeUndefined();
  });

  it('never show what may not be shown now', () => {
    const { request, keep, fallen } = setUp();
    keep(request('u-1'));
    const banned = new Uint8Array(12);
    const limits = [{ banned, maturity: 99, unknownAge: 18 }];
    expect(fallen(request('u-1'), limits)).toBe(0);
    banned[3] = 1;
    expect(fallen(request('u-1'), limits)).toBeUndefined();
  });

  it('are bounded: the one kept longest ago goes, and is counted', () => {
    const { cache, request, keep, repeated } = setUp();
    for (const user of ['u-1', 'u-2', 'u-3', 'u-4']) keep(request(user));
    expect(['u-1', 'u-2', 'u-3', 'u-4'].map((user) => repeated(request(user)))).toEqual([undefined, 0, 0, 0]);
    expect(cache.stats()).toEqual({
      slates: 3,
      evicted: 1,
      repeats: { hits: 3, misses: 1 },
      fallbacks: { hits: 0, misses: 0 },
    });
  });

  it('are renewed by a change of the viewer or the versions at once, else when they have aged', () => {
    const { viewers, request, keep, repeated } = setUp();
    keep(request('u-1'), 0);
    keep(request('u-1', { at: NOW + 5 * SECOND }), 1);
    expect(repeated(request('u-1', { at: NOW + 5 * SECOND }))).toBe(0);
    keep(request('u-1', { at: NOW + 6 * SECOND }), 2);
    expect(repeated(request('u-1', { at: NOW + 6 * SECOND }))).toBe(2);
    viewers.watched('u-1', 9, 1, NOW);
    keep(request('u-1', { at: NOW + 7 * SECOND }), 3);
    expect(repeated(request('u-1', { at: NOW + 7 * SECOND }))).toBe(3);
    keep(request('u-1', { at: NOW + 8 * SECOND }), 4, { ...versions, models: 'm2' });
    expect(repeated(request('u-1', { at: NOW + 8 * SECOND }), { ...versions, models: 'm2' })).toBe(4);
  });

  it('are none where no lifetime is declared', () => {
    const { cache, request, keep, repeated, fallen } = setUp({ repeatMs: 0, fallbackMs: 0 });
    keep(request('u-1'));
    expect(repeated(request('u-1'))).toBeUndefined();
    expect(fallen(request('u-1'))).toBeUndefined();
    expect(cache.stats().slates).toBe(0);
  });
});
