import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatDeclarationError } from '../../src/declaration/errors.ts';
import { readDeclarations, readSources } from '../../src/files/declarations.ts';
import { declarationsOf, FILES } from './texts.ts';

const DAY = 86_400_000;
const experiments = join(import.meta.dirname, '..', '..', 'experiments');

describe('what is written is normalised', () => {
  const {
    experiments: [ranker],
    layers,
    surfaces,
    metrics,
  } = declarationsOf();

  it('shares to fractions, times to milliseconds, defaults filled in', () => {
    expect(ranker).toMatchObject({
      key: 'ranker',
      design: 'ab',
      iteration: 1,
      layer: { name: 'main', from: 0, to: 0.5 },
      startMs: Date.UTC(2026, 9, 1),
      durationMs: 28 * DAY,
      observeForMs: 30 * DAY,
      stratify: [],
      ramp: [{ share: 1 }],
      analysis: { alpha: 0.05, interval: 'fixed', correction: { success: 'holm', segments: 'bh' } },
      decision: {
        ship: { success: 'any-superior' },
        rollBack: { guardrails: 'any-breach' },
        otherwise: 'undecided',
      },
      source: { file: 'experiments/ranker.yaml', yaml: FILES['ranker.yaml'] },
    });
    expect(ranker!.metrics).toEqual({
      success: [{ metric: 'clicks', minimumEffect: 0.02 }],
      guardrails: [{ metric: 'errors', margin: { absolute: 0.001 }, limit: 0.001 }],
      secondary: ['retention'],
    });
  });

  it('the surface is part of the targeting', () => {
    const surface = { attribute: 'surface', operator: 'equals', value: 'homepage' };
    expect(ranker!.targeting).toEqual({ all: [surface] });
    const targeting =
      'targeting: {any: [{attribute: country, in: [US]}, {not: {attribute: age, atLeast: 18}}]}\n';
    const [narrowed] = declarationsOf([['ranker.yaml', 'metrics:\n', `${targeting}metrics:\n`]]).experiments;
    expect(narrowed!.targeting).toEqual({
      all: [
        surface,
        {
          any: [
            { attribute: 'country', operator: 'in', value: ['US'] },
            { not: { attribute: 'age', operator: 'atLeast', value: 18 } },
          ],
        },
      ],
    });
  });

  it('percent in the parameters of a stage is a number', () => {
    expect(ranker!.variants[1]!.pipeline!.at(-1)).toEqual({
      stage: 'fill',
      parameters: { take: 20, explore: 0.2, genreCap: 5 },
    });
  });

  it.each([
    ['50', '50', 0.5],
    ['33.4', '66.6', 0.334],
    ['0.2', '0.8', 0.2],
    ['5%', '95%', 0.05],
  ])('weights %s and %s', (first, second, expected) => {
    const [weighed] = declarationsOf([
      ['ranker.yaml', 'weight: 50', `weight: ${first}`],
      ['ranker.yaml', 'weight: 50', `weight: ${second}`],
    ]).experiments;
    expect(weighed!.variants[0]!.weight).toBeCloseTo(expected, 12);
    expect(weighed!.variants[0]!.weight + weighed!.variants[1]!.weight).toBeCloseTo(1, 12);
  });

  it.each([
    ['2026-10-01', Date.UTC(2026, 9, 1)],
    ['2026-10-01T08:30Z', Date.UTC(2026, 9, 1, 8, 30)],
    ['2026-10-01T08:30:15+02:00', Date.UTC(2026, 9, 1, 6, 30, 15)],
  ])('start %s', (start, expected) => {
    expect(declarationsOf([['ranker.yaml', '2026-10-01', start]]).experiments[0]!.startMs).toBe(expected);
  });

  it.each([
    ['', {}],
    ['deadline: 400ms, durability: strict', { deadlineMs: 400, durability: 'strict' }],
    ['cache: {for: 60s}', { cache: { repeatMs: 60_000, fallbackMs: 3_600_000, slates: 10_000 } }],
    ['cache: {fallback: 2h, slates: 500}', { cache: { repeatMs: 0, fallbackMs: 7_200_000, slates: 500 } }],
    ['cache: {fallback: 0s}', { cache: { repeatMs: 0, fallbackMs: 0, slates: 10_000 } }],
  ])('what a surface declares of its requests: %s', (text, expected) => {
    const lines = text.replace(', durability', '\n    durability');
    const [surface] = declarationsOf([
      ['surfaces.yaml', '    slots: 20', `    slots: 20\n    ${lines}`],
    ]).surfaces;
    const { name, slots, pipeline, ...more } = surface!;
    expect(more).toEqual(expected);
  });

  it('layers, surfaces and metrics', () => {
    expect(layers).toEqual([
      { name: 'main', salt: 'layer-main', holdout: { name: 'global', share: 0.05 } },
      { name: 'side', salt: 'layer-side' },
    ]);
    expect(surfaces[0]).toMatchObject({ name: 'homepage', slots: 20 });
    expect(metrics[0]).toEqual({
      key: 'clicks',
      name: 'Clicks',
      description: 'Clicks per viewer and week.',
      kind: 'mean',
      numerator: { event: 'click', aggregate: 'count', where: {}, window: { fromMs: 0 } },
      perWeek: true,
      direction: 'higher-is-better',
      scale: 1,
      unit: '/week',
    });
  });

  it('the version changes with any text and not with the order of the files', () => {
    expect(declarationsOf().version).toMatch(/^[0-9a-f]{12}$/);
    expect(declarationsOf().version).toBe(declarationsOf().version);
    expect(declarationsOf([['ranker.yaml', 'team', 'others']]).version).not.toBe(declarationsOf().version);
  });
});

describe('a metric is data', () => {
  it('one whose event no code knows is added in YAML alone', () => {
    const watchParty = `
  watch_parties:
    name: Watch parties
    description: Share of tablet viewers who join a watch party of at least 3 in their second week.
    kind: proportion
    numerator:
      event: watch_party_joined
      aggregate: exists
      where: {surface: homepage, minValue: 3, attribute: {name: device, equals: tablet}}
      window: {from: 7d, to: 14d}
    unit: '%'
    direction: higher-is-better
    scale: 1/4
    cap: 99.9%
`;
    const { metrics, experiments } = declarationsOf([
      ['metrics.yaml', FILES['metrics.yaml']!, FILES['metrics.yaml']! + watchParty],
      ['ranker.yaml', '[retention]', '[retention, watch_parties]'],
    ]);
    expect(metrics.at(-1)).toEqual({
      key: 'watch_parties',
      name: 'Watch parties',
      description: 'Share of tablet viewers who join a watch party of at least 3 in their second week.',
      kind: 'proportion',
      numerator: {
        event: 'watch_party_joined',
        aggregate: 'exists',
        where: { surface: 'homepage', minValue: 3, attribute: { name: 'device', equals: 'tablet' } },
        window: { fromMs: 7 * DAY, toMs: 14 * DAY },
      },
      perWeek: false,
      unit: '%',
      direction: 'higher-is-better',
      scale: 0.25,
      cap: 0.999,
    });
    expect(experiments[0]!.metrics.secondary).toContain('watch_parties');
  });
});

describe('the shipped declarations', () => {
  it('are valid, and hold what the product promises', async () => {
    const result = await readDeclarations(experiments);
    expect(result.ok ? [] : result.errors.map(formatDeclarationError)).toEqual([]);
    if (!result.ok) return;
    const { declarations } = result;
    expect(
      declarations.experiments.map(({ key, design, variants }) => [key, design, variants.length]),
    ).toEqual([
      ['browse-interleaving', 'interleaving', 2],
      ['browse-ladder', 'ab', 4],
      ['homepage-aa', 'ab', 2],
      ['homepage-hybrid', 'ab', 2],
    ]);
    const published = declarations.experiments[3]!;
    expect(published.layer).toEqual({ name: 'homepage', from: 0, to: 1 });
    expect(published.ramp).toEqual([{ share: 1 }]);
    const named = [
      ...published.metrics.success.map(({ metric }) => metric),
      ...published.metrics.guardrails.map(({ metric }) => metric),
      ...published.metrics.secondary,
    ];
    const outcomes = declarations.metrics.filter(({ numerator }) => numerator.window.fromMs >= 0);
    expect([...named].sort()).toEqual(outcomes.map(({ key }) => key).sort());
  });

  it('begin with a modeline that names their schema', async () => {
    for (const { path, text } of await readSources(experiments)) {
      const name = /(metrics|layers|surfaces)\.yaml$/.exec(path)?.[1] ?? 'experiment';
      expect(text.split('\n', 1)[0]).toBe(`# yaml-language-server: $schema=../schema/${name}.v1.json`);
    }
  });

  it('a folder that is not there is named', async () => {
    await expect(readDeclarations('no-such-folder')).rejects.toThrow('no-such-folder: is not a folder');
  });
});
