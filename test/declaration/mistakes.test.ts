import { describe, expect, it } from 'vitest';
import { parseDeclarations } from '../../src/declaration/parse.ts';
import { stageDefinitions } from '../../src/variants/registry.ts';
import { type Edit, errorsOf, FILES } from './texts.ts';

const R = 'ranker.yaml';
const M = 'metrics.yaml';
const second = (changes: [string, string][]) =>
  changes.reduce(
    (text, [from, to]) => text.replace(from, to),
    FILES[R]!.replace('key: ranker', 'key: second'),
  );

/** One mistake each: the change, and the one error that must be told. */
const cases: [string, Edit, string][] = [
  [
    'a misspelt key',
    [R, 'observeFor:', 'obsreveFor:'],
    '9:1 obsreveFor: is not a known key; did you mean observeFor?',
  ],
  ['a missing key', [R, 'owner: team\n', ''], '1:1: has no owner; add owner (The team that answers for it.)'],
  [
    'another version',
    [R, 'screentest/v1', 'screentest/v2'],
    '1:13 apiVersion: "screentest/v2" cannot be used; write screentest/v1',
  ],
  [
    'a key that is no key',
    [R, 'key: ranker', 'key: Ranker!'],
    '2:6 key: "Ranker!" cannot be used; write lower-case letters, digits and hyphens, beginning with a letter, at most 64',
  ],
  [
    'another holdout than the layer has',
    [R, 'surface:', 'holdout: globl\nsurface:'],
    '6:10 holdout: globl is not the holdout of layer main; write global',
  ],
  [
    'an unknown layer',
    [R, 'name: main', 'name: mian'],
    '5:15 layer.name: mian is not a layer; did you mean main?',
  ],
  [
    'a slice that is upside down',
    [R, 'from: 0%', 'from: 60%'],
    '5:28 layer.slice: ends before it begins; make from smaller than to',
  ],
  [
    'a slice past the end',
    [R, 'to: 50%', 'to: 150%'],
    '5:43 layer.slice.to: "150%" cannot be used; write a share from 0% to 100%, such as 50% or 0.5',
  ],
  [
    'an unknown surface',
    [R, 'surface: homepage', 'surface: hompage'],
    '6:10 surface: hompage is not a surface; did you mean homepage?',
  ],
  [
    'no surface',
    [R, 'surface: homepage\n', ''],
    '1:1: has pipelines but no surface; add surface: the surface whose pipeline they replace',
  ],
  [
    'no such day',
    [R, '2026-10-01', '2026-02-30'],
    '7:8 start: 2026-02-30 is in no calendar; write a date such as 2026-12-01',
  ],
  [
    'a time without zone',
    [R, '2026-10-01', '2026-10-01T10:00'],
    '7:8 start: "2026-10-01T10:00" cannot be used; write a date such as 2026-12-01, or 2026-12-01T08:00Z',
  ],
  [
    'a length of time in words',
    [R, '28d', '4 weeks'],
    '8:11 duration: "4 weeks" cannot be used; write a length of time such as 24h or 28d',
  ],
  ['no time at all', [R, '28d', '0d'], '8:11 duration: is nothing; write a length of time such as 28d'],
  [
    'a control that is no variant',
    [R, 'control: popular', 'control: populr'],
    '10:10 control: populr is not a variant; did you mean popular?',
  ],
  [
    'weights that do not sum to 100',
    [R, 'weight: 50', 'weight: 40'],
    '11:1 variants: weights sum to 90; make them sum to 100',
  ],
  [
    'a weight that is no number',
    [R, 'weight: 50', 'weight: half'],
    '13:13 variants.popular.weight: "half" cannot be used; write a weight above 0 in parts of 100, such as 50 or 50%',
  ],
  [
    'a pipeline without candidates',
    [R, '      - candidates: {sources: [{trending: 200}]}\n', ''],
    '14:5 variants.popular.pipeline: has no stage that makes candidates; begin it with candidates',
  ],
  [
    'a pipeline that fills nothing',
    [R, '      - fill: {take: 20}\n', ''],
    '14:5 variants.popular.pipeline: has no stage that fills the slots; end it with fill',
  ],
  [
    'a stage after the last',
    [R, '      - fill: {take: 20}\n', '      - fill: {take: 20}\n      - blend: {}\n'],
    '17:16 variants.popular.pipeline[2].blend: stands after fill, which fills the slots and knows their propensities; move it before fill',
  ],
  [
    'two ways to draw a slot',
    [R, 'explore: 20%', 'explore: 20%, sample: plackett-luce, temperature: 0.1'],
    '22:35 variants.hybrid.pipeline[2].fill.explore: and sample each say how a slot is drawn; keep one of the two',
  ],
  [
    'a best title that sampling does not ask for',
    [R, 'explore: 20%', 'mmr: 70%, sample: plackett-luce, temperature: 0.1'],
    '22:31 variants.hybrid.pipeline[2].fill.mmr: says which title is best, but sample draws by score whatever is best; keep one of the two, or explore beside mmr',
  ],
  [
    'sampling without a temperature',
    [R, 'explore: 20%', 'sample: plackett-luce'],
    '22:34 variants.hybrid.pipeline[2].fill.sample: has no temperature; add temperature: 0.1, or another number in the unit of the scores',
  ],
  [
    'a temperature of nothing',
    [R, 'explore: 20%', 'temperature: 0.1'],
    '22:39 variants.hybrid.pipeline[2].fill.temperature: has no meaning without sample; remove it, or add sample: plackett-luce',
  ],
  [
    'marginal relevance without relevance',
    [R, 'explore: 20%', 'mmr: 0%'],
    '22:31 variants.hybrid.pipeline[2].fill.mmr: leaves the score no say, not even in the first slot; write a share above 0%',
  ],
  [
    'a time limit in words',
    [R, 'by-activity}', 'by-activity, within: soon}'],
    '21:53 variants.hybrid.pipeline[1].blend.within: "soon" cannot be used; write a length of time such as 40ms or 2s',
  ],
  [
    'a time limit of the last stage',
    [R, 'explore: 20%', 'within: 40ms'],
    '22:26 variants.hybrid.pipeline[2].fill.within: is not a known key; use one of take, genreCap, mmr, explore, sample, temperature',
  ],
  [
    'candidates twice',
    [R, '      - blend: {collaborative: by-activity}', '      - candidates: {sources: [{ials: 1}]}'],
    '21:21 variants.hybrid.pipeline[1].candidates: makes candidates but is not the first stage; move it to the top',
  ],
  [
    'a misspelt stage',
    [R, '- blend:', '- bland:'],
    '21:9 variants.hybrid.pipeline[1].bland: is not a known stage; did you mean blend?',
  ],
  [
    'a misspelt parameter',
    [R, 'genreCap', 'genrecap'],
    '22:40 variants.hybrid.pipeline[2].fill.genrecap: is not a known key; did you mean genreCap?',
  ],
  [
    'a parameter out of range',
    [R, 'explore: 20%', 'explore: 120%'],
    '22:35 variants.hybrid.pipeline[2].fill.explore: "120%" cannot be used; write a share from 0% to 100%, such as 50% or 0.5',
  ],
  [
    'a misspelt word',
    [R, 'by-activity', 'by-activty'],
    '21:32 variants.hybrid.pipeline[1].blend.collaborative: "by-activty" cannot be used; did you mean by-activity?',
  ],
  [
    'two stages in one',
    [R, '- blend: {collaborative: by-activity}', '- {blend: {}, boost: {}}'],
    '21:9 variants.hybrid.pipeline[1]: a map cannot be used; write one stage, such as {fill: {take: 20}}',
  ],
  [
    'a misspelt metric',
    [R, 'metric: clicks', 'metric: click'],
    '25:16 metrics.success[0].metric: click is not a metric; did you mean clicks?',
  ],
  [
    'a metric named twice',
    [R, '[retention]', '[retention, clicks]'],
    '28:26 metrics.secondary[1]: clicks is already named at ranker.yaml:25; name it once',
  ],
  [
    'a margin of nothing',
    [R, 'absolute: 0.1pp', 'absolute: 0'],
    "27:43 metrics.guardrails[0].margin.absolute: 0 cannot be used; write a positive number in the metric's unit, such as 150, 0.1% or 0.1pp",
  ],
  [
    'two margins',
    [R, '{absolute: 0.1pp}', '{absolute: 0.1pp, relative: 1%}'],
    '27:32 metrics.guardrails[0].margin: a map cannot be used; write either {relative: 2%} or {absolute: 0.1pp}',
  ],
  [
    'a window that outlasts observation',
    [R, 'observeFor: 30d', 'observeFor: 6d'],
    '9:13 observeFor: clicks looks 7 days ahead, and the last units are observed for 6d; write observeFor: 7d or more',
  ],
  [
    'one variant',
    [R, FILES[R]!.slice(FILES[R]!.indexOf('  hybrid:'), FILES[R]!.indexOf('metrics:')), ''],
    '11:1 variants: has too few entries; give at least 2',
  ],
  [
    'a ramp that goes down',
    [R, 'metrics:\n', 'ramp: [{share: 50%, for: 1d}, {share: 10%}]\nmetrics:\n'],
    '23:39 ramp[1].share: 10% is less than the phase before; never let a ramp go down',
  ],
  [
    'a ramp that stands still',
    [R, 'metrics:\n', 'ramp: [{share: 50%}, {share: 100%}]\nmetrics:\n'],
    '23:8 ramp[0]: does not say how long it lasts; add for: 1d, or another length',
  ],
  [
    'a ramp that ends',
    [R, 'metrics:\n', 'ramp: [{share: 50%, for: 2d}]\nmetrics:\n'],
    '23:26 ramp[0].for: the last phase runs until the end; remove it, or add a phase',
  ],
  [
    'a ramp of nobody',
    [R, 'metrics:\n', 'ramp: [{share: 0%, for: 1d}, {share: 1}]\nmetrics:\n'],
    '23:16 ramp[0].share: nobody takes part; write a share above 0%',
  ],
  [
    'a level that is none',
    [R, 'metrics:\n', 'analysis: {alpha: 95%}\nmetrics:\n'],
    '23:19 analysis.alpha: is not a level of a test; write one such as 5%',
  ],
  [
    'a verdict that never comes',
    [R, 'metrics:\n', 'analysis: {maturity: {days: 90, unitsPerArm: 10}}\nmetrics:\n'],
    '23:29 analysis.maturity.days: 90 days are never reached; wait for at most the 58 days of duration and observeFor',
  ],
  [
    'an operator too many',
    [R, 'metrics:\n', 'targeting: {attribute: a, equals: 1, in: [1]}\nmetrics:\n'],
    '23:12 targeting: has 2 operators; give one of all, any, not; or an attribute with one of equals, in, atLeast, atMost, exists',
  ],
  [
    'an operator that is none',
    [R, 'metrics:\n', 'targeting: {not: {attribute: a, matches: x}}\nmetrics:\n'],
    '23:33 targeting.not.matches: is not a known key; use one of all, any, not, attribute, equals, in, atLeast, atMost, exists',
  ],
  [
    'a key twice',
    [R, 'owner: team\n', 'owner: team\nkey: other\n'],
    '4:1: this key stands twice in one map; remove one of the two',
  ],
  ['an empty file', [R, FILES[R]!, ''], '1:1: is empty; write a map of keys and values'],
  ['a file that is a list', [R, FILES[R]!, '[1]'], '1:1: is a list; write a map of keys and values'],
  [
    'a ratio without denominator',
    [M, '    denominator: {event: request, aggregate: count}\n', ''],
    '11:3 metrics.errors: is a ratio without a denominator; add denominator: {event: ..., aggregate: ...}',
  ],
  [
    'a denominator without ratio',
    [M, 'kind: ratio', 'kind: mean'],
    '16:18 metrics.errors.denominator: has no meaning for kind mean; remove it, or use kind: ratio',
  ],
  [
    'a quantile without q',
    [
      M,
      'kind: mean\n    perWeek: true\n    numerator: {event: click, aggregate: count}',
      'kind: quantile\n    numerator: {event: request, aggregate: sum, field: latency_ms}',
    ],
    '3:3 metrics.clicks: is a quantile without q; add q: 0.95, or another number between 0 and 1',
  ],
  [
    'a window of hours',
    [M, 'from: 24h', 'from: 25h'],
    '23:73 metrics.retention.numerator.window.from: 25h is not a whole number of days; use a multiple of 24h, such as 7d',
  ],
  [
    'a window that is upside down',
    [M, 'to: 7d', 'to: 1d'],
    '23:82 metrics.retention.numerator.window.to: 1d is not after from; use more than 24h',
  ],
  [
    'a proportion for ever',
    [M, ', window: {from: 24h, to: 7d}', ''],
    '23:16 metrics.retention.numerator: has no end, so the share would grow for ever; add window: {to: 7d}, or another length',
  ],
  [
    'a sum of genres',
    [M, 'field: error', 'field: genre'],
    '15:56 metrics.errors.numerator.field: genre cannot be added up; use aggregate: distinct',
  ],
  [
    'a salt twice',
    ['layers.yaml', 'layer-side', 'layer-main'],
    '4:16 layers.side.salt: side has the salt of main, so the two are one layer; choose another salt',
  ],
  [
    'a surface that shows nothing',
    ['surfaces.yaml', '      - fill: {take: 20}\n', ''],
    '5:5 surfaces.homepage.pipeline: has no stage that fills the slots; end it with fill',
  ],
];

describe('each mistake is told at its place with what would be right', () => {
  it.each(cases)('%s', (_, edit, error) => {
    expect(errorsOf([edit])).toEqual([`${edit[0]}:${error}`]);
  });

  it('changes nothing, finds nothing', () => {
    expect(errorsOf([])).toEqual([]);
  });
});

describe('mistakes that take two', () => {
  it('slices of one layer that overlap are both named', () => {
    expect(errorsOf([], { 'second.yaml': second([['from: 0%, to: 50%', 'from: 40%, to: 100%']]) })).toEqual([
      'second.yaml:5:28 layer.slice: second claims 40% to 100% of layer main, and ranker claims 0% to 50% of it at ranker.yaml:5; give them disjoint slices, or different layers',
    ]);
  });

  it('slices that touch do not overlap', () => {
    expect(errorsOf([], { 'second.yaml': second([['from: 0%, to: 50%', 'from: 50%, to: 100%']]) })).toEqual(
      [],
    );
  });

  it('a slice may be used again when the units are free', () => {
    const later = (start: string) => second([['2026-10-01', start]]);
    expect(errorsOf([], { 'second.yaml': later('2026-11-28') })).toEqual([]);
    expect(errorsOf([], { 'second.yaml': later('2026-11-27') })).toHaveLength(1);
  });

  it('two layers may not replace the pipeline of one surface', () => {
    expect(errorsOf([], { 'second.yaml': second([['name: main', 'name: side']]) })).toEqual([
      'second.yaml:6:10 surface: second replaces the pipeline of homepage from layer side, and ranker does so from layer main at ranker.yaml:6; put both in one layer, in disjoint slices',
    ]);
  });

  it('a key may be used once', () => {
    const copy = FILES[R]!.replace('from: 0%, to: 50%', 'from: 50%, to: 100%');
    expect(errorsOf([], { 'second.yaml': copy })).toEqual([
      'second.yaml:2:6 key: ranker is also the key at ranker.yaml:2; choose another: keys salt the hash',
    ]);
  });

  it('interleaving takes two pipelines', () => {
    const noPipeline: Edit = [
      R,
      '    pipeline:\n      - candidates: {sources: [{trending: 200}]}\n      - fill: {take: 20}\n',
      '',
    ];
    expect(errorsOf([noPipeline, [R, 'metrics:\n', 'design: interleaving\nmetrics:\n']])).toEqual([
      'ranker.yaml:11:1 variants: interleaving mixes the slates of two pipelines; declare exactly two variants, each with a pipeline',
    ]);
    expect(errorsOf([noPipeline])).toEqual([]);
  });

  it('interleaving mixes lists that are not drawn', () => {
    const interleaved: Edit = [R, 'metrics:\n', 'design: interleaving\nmetrics:\n'];
    const drawn =
      'variants.hybrid.pipeline[2].fill: draws titles, and a list that was drawn has no known propensities once it is mixed with another; ' +
      'remove explore and sample: interleaving draws which of the two places a slot';
    expect(errorsOf([interleaved])).toEqual([`ranker.yaml:22:15 ${drawn}`]);
    const sampled: Edit = [R, 'explore: 20%', 'sample: plackett-luce, temperature: 0.1'];
    expect(errorsOf([interleaved, sampled])).toEqual([`ranker.yaml:22:15 ${drawn}`]);
    expect(errorsOf([interleaved, [R, 'explore: 20%', 'explore: 0%, mmr: 70%']])).toEqual([]);
  });

  it('a metric whose name cannot be used is not known either', () => {
    expect(errorsOf([[M, '  clicks:', '  Clicks:']])).toEqual([
      'metrics.yaml:3:3 metrics.Clicks: is not a name that can be used; use one that matches ^[a-z][a-z0-9_]{0,63}$',
      'ranker.yaml:25:16 metrics.success[0].metric: clicks is not a metric; did you mean Clicks?',
    ]);
  });

  it('missing shared files are told', () => {
    const ranker = { path: 'experiments/ranker.yaml', text: FILES[R]! };
    const result = parseDeclarations([ranker], stageDefinitions);
    expect(result.ok ? [] : result.errors.map((error) => `${error.file} ${error.problem}`)).toEqual([
      'experiments/layers.yaml is missing',
      'experiments/metrics.yaml is missing',
      'experiments/surfaces.yaml is missing',
    ]);
  });
});

it('all mistakes of all files are told at once, in reading order', () => {
  const errors = errorsOf([
    [R, 'owner:', 'ownr:'],
    [R, 'name: main', 'name: mian'],
    [R, 'observeFor: 30d', 'observeFor: soon'],
    [R, 'control: popular', 'control: nobody'],
    [R, 'weight: 50', 'weight: 40'],
    [R, '- blend:', '- bland:'],
    [R, 'explore: 20%', 'explore: lots'],
    [R, 'metric: errors', 'metric: erors'],
    [R, 'absolute: 0.1pp', 'absolute: -1'],
    [M, 'kind: mean', 'kind: average'],
    [M, 'from: 24h', 'from: 1h'],
    ['layers.yaml', 'salt: layer-side', 'slat: layer-side'],
    ['surfaces.yaml', 'slots: 20', 'slots: 0'],
  ]);
  const places = errors.map((error) => error.slice(0, error.indexOf(': ')));
  expect(places).toEqual([
    'layers.yaml:4:10 layers.side.slat',
    'metrics.yaml:6:11 metrics.clicks.kind',
    'metrics.yaml:23:73 metrics.retention.numerator.window.from',
    'ranker.yaml:3:1 ownr',
    'ranker.yaml:5:15 layer.name',
    'ranker.yaml:9:13 observeFor',
    'ranker.yaml:10:10 control',
    'ranker.yaml:11:1 variants',
    'ranker.yaml:21:9 variants.hybrid.pipeline[1].bland',
    'ranker.yaml:22:35 variants.hybrid.pipeline[2].fill.explore',
    'ranker.yaml:27:16 metrics.guardrails[0].metric',
    'ranker.yaml:27:42 metrics.guardrails[0].margin.absolute',
    'surfaces.yaml:4:12 surfaces.homepage.slots',
  ]);
});
