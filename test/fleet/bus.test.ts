import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bus,
  type BusMessage,
  type Line,
  type PrimaryBus,
  primaryBus,
  workerBus,
} from '../../src/fleet/bus.ts';
import { sharedMetrics } from '../../src/fleet/shared-metrics.ts';
import { sharedRequests } from '../../src/fleet/shared-requests.ts';
import { sharedViewers } from '../../src/fleet/shared-viewers.ts';
import { createViewers } from '../../src/viewers.ts';

/** Two ends of a line, as between processes: messages are copies that arrive later. */
function wire(): { near: Line; far: Line; cut: () => void } {
  let whole = true;
  const end = () => {
    const hear: ((message: BusMessage) => void)[] = [];
    return { hear, onMessage: (more: (message: BusMessage) => void) => void hear.push(more) };
  };
  const [a, b] = [end(), end()];
  const send = (to: typeof a) => (message: BusMessage) => {
    if (whole)
      setImmediate(() => {
        for (const hear of to.hear) hear(structuredClone(message));
      });
    return whole;
  };
  return {
    near: { send: send(b), onMessage: a.onMessage },
    far: { send: send(a), onMessage: b.onMessage },
    cut: () => {
      whole = false;
    },
  };
}

let primary: PrimaryBus;
let workers: Bus[];
let cuts: (() => void)[];
beforeEach(() => {
  primary = primaryBus();
  cuts = [];
  workers = [1, 2, 3].map(() => {
    const { near, far, cut } = wire();
    cuts.push(cut);
    primary.add(near);
    return workerBus(far);
  });
});
afterEach(() => {
  for (const cut of cuts) cut();
});

const turns = async (count = 6) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

describe('the bus', () => {
  test('tells all others, and not oneself', async () => {
    const heard: string[] = [];
    for (const [i, bus] of workers.entries()) bus.onTold('x', (data: string) => heard.push(`${i} ${data}`));
    primary.onTold('x', (data: string) => heard.push(`primary ${data}`));
    workers[0]!.tell('x', 'one');
    await turns();
    expect(heard.sort()).toEqual(['1 one', '2 one', 'primary one']);
    primary.tell('x', 'two');
    await turns();
    expect(heard.filter((line) => line.endsWith('two'))).toHaveLength(3);
  });

  test('gathers answers of those that have one, in time', async () => {
    workers[1]!.onAsked('size', () => 5);
    workers[2]!.onAsked('size', () => {
      throw new Error('it has none');
    });
    primary.onAsked('size', async () => 7);
    expect([...(await workers[0]!.ask('size', 500))].sort()).toEqual([5, 7]);
    expect(await primary.ask('size', 500)).toEqual([5]);
    workers[2]!.onAsked('size', () => new Promise(() => {}));
    expect([...(await workers[0]!.ask('size', 50))].sort()).toEqual([5, 7]);
    cuts[1]!();
    expect(await workers[0]!.ask('size', 50)).toEqual([7]);
  });
});

test('a watch and a profile told to one process are known to all', async () => {
  const viewers = workers.map((bus) => sharedViewers(createViewers(), bus));
  viewers[0]!.watched('u', 3, 0.5, 10);
  viewers[0]!.watched('u', 4, 1, 20);
  viewers[1]!.profile('u', { country: 'DE' });
  await turns();
  for (const one of viewers) {
    const { watchCount, watchedTitles, country } = one.get('u');
    expect([watchCount, [...watchedTitles.subarray(0, 2)], country]).toEqual([2, [3, 4], 'DE']);
  }
});

test('what one process served all know of', async () => {
  const served = workers.map((bus) => sharedRequests(10, bus));
  served[2]!.add('r-1', 'homepage');
  expect(served[2]!.surfaceOf('r-1')).toBe('homepage');
  await turns();
  expect(served.map(({ surfaceOf }) => surfaceOf('r-1'))).toEqual(['homepage', 'homepage', 'homepage']);
});

test('figures are added up, or the worst is taken, as each declares', async () => {
  const texts = workers.map((bus, i) => {
    const registry = new Registry();
    registry.setDefaultLabels({ environment: 'test' });
    new Gauge({ name: 'bytes', help: 'h', registers: [registry] }).set(i + 1);
    new Gauge({ name: 'down', help: 'h', aggregator: 'max', registers: [registry] }).set(i === 1 ? 1 : 0);
    return sharedMetrics(registry, bus);
  });
  const text = await texts[0]!();
  expect(text).toContain('bytes{environment="test"} 6');
  expect(text).toContain('down{environment="test"} 1');
});
