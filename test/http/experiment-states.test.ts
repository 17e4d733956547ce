import { afterEach, describe, expect, it } from 'vitest';
import type { Kept } from '../../src/control/live-states.ts';
import type { Decision } from '../../src/db/experiment-states.ts';
import { NOW } from './fixtures.ts';
import { type Harness, harness } from './harness.ts';

let h: Harness;
let decided: Decision[];
let kept: Kept | Error;
const fresh = () => {
  decided = [];
  kept = { where: 'database', version: 7 };
  h = harness(undefined, {
    async decide(decision) {
      decided.push(decision);
      if (kept instanceof Error) throw kept;
      const { experiment, phase, stopped } = decision;
      h.states.set(experiment, {
        ...h.states.get(experiment),
        ...(phase === undefined ? {} : { phase }),
        ...(stopped === undefined ? {} : { stopped }),
      });
      return kept;
    },
  });
};
afterEach(() => h.app.close());
const WHO = { by: 'ann', reason: 'click-through fell' };
const post = (body: object, key = 'front-page') =>
  h.app.inject({ method: 'POST', url: `/v1/experiments/${key}/state`, payload: { ...WHO, ...body } });

describe('POST /v1/experiments/:key/state', () => {
  it('puts a stop in force, with who, when and why, and the next slate is the default one', async () => {
    fresh();
    const id = '0192F0C1-7e1a-4c3b-9a77-0d2f6a1b3c4d';
    const answer = await post({ action: 'stop', id });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      experiment: 'front-page',
      iteration: 1,
      id: id.toLowerCase(),
      stopped: true,
      phase: null,
      kept: 'database',
      version: 7,
    });
    expect(decided).toEqual([
      {
        ...WHO,
        id: id.toLowerCase(),
        environment: 'test',
        experiment: 'front-page',
        iteration: 1,
        at: NOW,
        stopped: true,
      },
    ]);
    const slate = (await h.app.inject('/v1/recommendations/u-1?surface=homepage')).json();
    expect(slate.pipeline).toBe('default');
    expect(slate.experiments[0]).toMatchObject({
      experiment: 'front-page',
      variant: null,
      reason: 'stopped',
    });
    expect((await post({ action: 'resume' })).json()).toMatchObject({ stopped: false });
    expect((await post({ action: 'ramp', phase: 0 })).json()).toMatchObject({ phase: 0 });
    expect((await post({ action: 'kill' })).json()).toMatchObject({ stopped: true, phase: 0 });
    expect(decided.at(-1)).toMatchObject({ stopped: true, killed: true });
  });

  it('says that this machine alone has it', async () => {
    fresh();
    kept = { where: 'machine' };
    expect((await post({ action: 'stop' })).json()).toMatchObject({ kept: 'machine', version: null });
  });

  it.each([
    [{ action: 'pause' }, 'body.action'],
    [{ action: 'ramp' }, 'body.phase'],
    [{ action: 'ramp', phase: 9 }, 'body.phase'],
    [{ action: 'stop', phase: 0 }, 'body.phase'],
    [{ action: 'stop', reason: '' }, 'body.reason'],
    [{ action: 'stop', id: 'x' }, 'body.id'],
  ])('refuses %j', async (body, place) => {
    fresh();
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.place).toBe(place);
    expect(decided).toEqual([]);
  });

  it('knows no other experiments', async () => {
    fresh();
    const answer = await post({ action: 'stop' }, 'front-pag');
    expect(answer.statusCode).toBe(404);
    expect(answer.json().error.mend).toContain('front-page');
  });

  it('answers 503 where it is not durable', async () => {
    fresh();
    kept = new Error('the database is away');
    const answer = await post({ action: 'resume' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  });
});
