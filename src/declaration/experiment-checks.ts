import { type ExperimentFile, weightSum } from '../experiment.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { FROZEN_ATTRIBUTES, NUMERIC_ATTRIBUTES } from './attributes.ts';
import { conditionMistakes } from './condition.ts';
import type { DeclarationError } from './errors.ts';
import { drawingStage, pipelineMistakes } from './pipeline.ts';
import { pipelineModelMistakes } from './pipeline-models.ts';
import { DAY_MS, toEpochMs, toMs, toNumber } from './quantities.ts';
import { suggestion } from './suggest.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** An experiment file that was parsed; `sound` says whether the schema found nothing wrong at or below a path. */
export interface ExperimentDraft {
  readonly file: YamlFile;
  readonly value: ExperimentFile;
  sound(...path: YamlPath): boolean;
}

/** Names declared elsewhere; undefined where that file could not be read. */
export interface KnownNames {
  readonly stages: readonly StageDefinition[];
  /** Days after first exposure at which each metric's window ends. */
  readonly metrics: ReadonlyMap<string, number> | undefined;
  /** Metrics whose window lies before first exposure. */
  readonly before: ReadonlySet<string> | undefined;
  /** Layer -> the name of its holdout. */
  readonly layers: ReadonlyMap<string, string | undefined> | undefined;
  readonly surfaces: readonly string[] | undefined;
  /** Models that a score stage may name. */
  readonly scorers: readonly string[];
}

/** Everything the schema cannot say about one experiment. */
export function checkExperiment(draft: ExperimentDraft, known: KnownNames): DeclarationError[] {
  const errors: DeclarationError[] = [];
  const add: Add = (path, problem, mend) => errors.push(draft.file.errorAt(path, problem, mend));
  checkPlace(draft, known, add);
  checkTime(draft, add);
  checkVariants(draft, known, add);
  checkMetrics(draft, known, add);
  checkAnalysis(draft, known, add);
  checkRamp(draft, add);
  return errors;
}

type Add = (path: YamlPath, problem: string, mend: string) => void;

function checkPlace({ value, sound }: ExperimentDraft, known: KnownNames, add: Add): void {
  if (sound('layer')) {
    const { name, slice } = value.layer;
    if (known.layers !== undefined && !known.layers.has(name)) {
      add(['layer', 'name'], `${name} is not a layer`, suggestion(name, known.layers.keys()));
    } else if (known.layers !== undefined && value.holdout !== undefined && sound('holdout')) {
      const holdout = known.layers.get(name);
      if (holdout !== value.holdout) {
        add(
          ['holdout'],
          `${value.holdout} is not the holdout of layer ${name}`,
          holdout === undefined ? 'declare it at the layer in layers.yaml' : `write ${holdout}`,
        );
      }
    }
    if (slice !== undefined && toNumber(slice.from) >= toNumber(slice.to)) {
      add(['layer', 'slice'], 'ends before it begins', 'make from smaller than to');
    }
  }
  if (sound('surface') && sound('variants')) {
    const { surface } = value;
    const ranks = Object.values(value.variants).some((variant) => variant.pipeline !== undefined);
    if (surface === undefined && ranks) {
      add([], 'has pipelines but no surface', 'add surface: the surface whose pipeline they replace');
    }
    if (surface !== undefined && known.surfaces !== undefined && !known.surfaces.includes(surface)) {
      add(['surface'], `${surface} is not a surface`, suggestion(surface, known.surfaces));
    } else if (surface !== undefined && !ranks) {
      add(
        ['surface'],
        'no variant has a pipeline that could replace the one of the surface',
        'use targeting: {attribute: surface, equals: ...}, or give a variant a pipeline',
      );
    }
  }
  if (sound('targeting') && value.targeting !== undefined) {
    for (const mistake of conditionMistakes(value.targeting, ['targeting'])) {
      add(mistake.path, mistake.problem, mistake.mend);
    }
  }
}

function checkTime({ value, sound }: ExperimentDraft, add: Add): void {
  if (sound('start') && toEpochMs(value.start) === undefined) {
    add(['start'], `${value.start} is in no calendar`, 'write a date such as 2026-12-01');
  }
  if (!sound('duration')) return;
  if (toMs(value.duration) === 0) add(['duration'], 'is nothing', 'write a length of time such as 28d');
  const days = sound('analysis') ? value.analysis?.maturity?.days : undefined;
  if (days !== undefined && sound('observeFor')) {
    const observed = toMs(value.duration) + toMs(value.observeFor ?? '0d');
    if (days * DAY_MS > observed) {
      add(
        ['analysis', 'maturity', 'days'],
        `${days} days are never reached`,
        `wait for at most the ${Math.floor(observed / DAY_MS)} days of duration and observeFor`,
      );
    }
  }
}

function checkVariants({ value, sound }: ExperimentDraft, known: KnownNames, add: Add): void {
  if (sound('analysis') && value.analysis?.alpha !== undefined) {
    const alpha = toNumber(value.analysis.alpha);
    if (alpha <= 0 || alpha > 0.5)
      add(['analysis', 'alpha'], 'is not a level of a test', 'write one such as 5%');
  }
  if (typeof value.variants !== 'object' || value.variants === null) return;
  for (const [key, variant] of Object.entries(value.variants)) {
    const path = ['variants', key, 'pipeline'];
    if (variant?.pipeline === undefined || !sound(...path)) continue;
    const mistakes = [
      ...pipelineMistakes(variant.pipeline, known.stages),
      ...pipelineModelMistakes(variant.pipeline, known.scorers),
    ];
    for (const mistake of mistakes) add([...path, ...mistake.path], mistake.problem, mistake.mend);
  }
  const keys = Object.keys(value.variants);
  if (sound('control') && !keys.includes(value.control)) {
    add(['control'], `${value.control} is not a variant`, suggestion(value.control, keys));
  }
  const weighed = keys.every((key) => sound('variants', key, 'weight')) && keys.length >= 2;
  if (weighed) {
    const sum = weightSum(value.variants);
    if (Math.abs(sum - 100) > 1e-9 && Math.abs(sum - 1) > 1e-9) {
      add(['variants'], `weights sum to ${Number(sum.toPrecision(12))}`, 'make them sum to 100');
    }
  }
  if (value.design === 'interleaving' && sound('variants')) {
    if (keys.length !== 2 || keys.some((key) => value.variants[key]?.pipeline === undefined)) {
      add(
        ['variants'],
        'interleaving mixes the slates of two pipelines',
        'declare exactly two variants, each with a pipeline',
      );
    } else {
      for (const key of keys) {
        const draws = drawingStage(value.variants[key]!.pipeline!, known.stages);
        if (draws === undefined) continue;
        add(
          ['variants', key, 'pipeline', ...draws],
          'draws titles, and a list that was drawn has no known propensities once it is mixed with another',
          'remove explore and sample: interleaving draws which of the two places a slot',
        );
      }
    }
  }
}

function checkMetrics({ file, value, sound }: ExperimentDraft, known: KnownNames, add: Add): void {
  if (known.metrics === undefined || typeof value.metrics !== 'object' || value.metrics === null) return;
  const placed: { metric: string; path: YamlPath }[] = [];
  for (const role of ['success', 'guardrails'] as const) {
    const list = value.metrics[role];
    if (!Array.isArray(list)) continue;
    list.forEach((entry, i) => {
      const path = ['metrics', role, i, 'metric'];
      if (sound(...path) && typeof entry?.metric === 'string') placed.push({ metric: entry.metric, path });
    });
  }
  if (sound('metrics', 'secondary')) {
    value.metrics.secondary?.forEach((metric, i) => {
      placed.push({ metric, path: ['metrics', 'secondary', i] });
    });
  }
  const first = new Map<string, YamlPath>();
  for (const { metric, path } of placed) {
    const before = first.get(metric);
    if (!known.metrics.has(metric)) {
      add(path, `${metric} is not a metric`, suggestion(metric, known.metrics.keys()));
    } else if (known.before?.has(metric)) {
      add(
        path,
        `${metric} is measured before first exposure: no variant can move it`,
        'name it in analysis.covariates',
      );
    } else if (before !== undefined) {
      add(path, `${metric} is already named at ${file.place(before)}`, 'name it once');
    }
    first.set(metric, before ?? path);
  }
  if (!sound('observeFor')) return;
  const days = (metric: string) => known.metrics?.get(metric) ?? 0;
  const longest = [...first.keys()].reduce((a, b) => (days(b) > days(a) ? b : a), '');
  if (days(longest) * DAY_MS > toMs(value.observeFor ?? '0d')) {
    add(
      ['observeFor'],
      `${longest} looks ${days(longest)} days ahead, and the last units are observed for ${value.observeFor ?? '0d'}`,
      `write observeFor: ${days(longest)}d or more`,
    );
  }
}

function checkAnalysis({ value, sound }: ExperimentDraft, known: KnownNames, add: Add): void {
  for (const [path, names] of [
    [['stratify'], value.stratify],
    [['analysis', 'segments'], value.analysis?.segments],
    [['analysis', 'exploratory'], value.analysis?.exploratory],
  ] as const) {
    if (!sound(...path)) continue;
    names?.forEach((name, i) => {
      if (!FROZEN_ATTRIBUTES.some((attribute) => attribute === name)) {
        const problem = `${name} is not frozen at first exposure`;
        add([...path, i], problem, suggestion(name, FROZEN_ATTRIBUTES));
      }
    });
  }
  if (sound('analysis', 'covariates')) {
    value.analysis?.covariates?.forEach((name, i) => {
      const path = ['analysis', 'covariates', i];
      const numeric = NUMERIC_ATTRIBUTES.some((attribute) => attribute === name);
      if (known.before === undefined || known.before.has(name) || numeric) return;
      if (known.metrics?.has(name)) {
        const problem = `${name} is measured after first exposure, where the treatment may move it`;
        add(path, problem, 'use a metric with window: {from: -28d, to: 0d}, or watches_before');
      } else {
        const problem = `${name} is neither a metric from before first exposure nor a numeric attribute`;
        add(path, problem, suggestion(name, [...known.before, ...NUMERIC_ATTRIBUTES]));
      }
    });
  }
  if (sound('analysis')) checkLooks(value, sound, add);
}

function checkLooks(value: ExperimentFile, sound: ExperimentDraft['sound'], add: Add): void {
  const { interval, looks, spending } = value.analysis ?? {};
  if (interval !== 'group-sequential') {
    for (const key of ['looks', 'spending'] as const) {
      if ((key === 'looks' ? looks : spending) === undefined) continue;
      add(
        ['analysis', key],
        'has no meaning without interval: group-sequential',
        'remove it, or set the interval',
      );
    }
    return;
  }
  if (looks === undefined) {
    add(['analysis'], 'is group-sequential without looks', 'add looks: [7d, 14d, 28d]');
    return;
  }
  if (!sound('duration') || !sound('observeFor')) return;
  const end = toMs(value.duration) + toMs(value.observeFor ?? '0d');
  looks.forEach((look, i) => {
    const path = ['analysis', 'looks', i];
    const before = i === 0 ? 0 : toMs(looks[i - 1]!);
    if (toMs(look) % DAY_MS !== 0) add(path, `${look} is not a whole number of days`, 'use days, such as 7d');
    else if (toMs(look) <= before)
      add(path, `${look} is not after the look before it`, 'put the looks in order');
    else if (toMs(look) > end) add(path, `${look} is after the end`, 'look within duration and observeFor');
  });
}

function checkRamp({ value, sound }: ExperimentDraft, add: Add): void {
  if (!sound('ramp') || value.ramp === undefined) return;
  let before = 0;
  value.ramp.forEach((phase, i) => {
    const share = toNumber(phase.share);
    if (share <= 0) add(['ramp', i, 'share'], 'nobody takes part', 'write a share above 0%');
    else if (share < before) {
      add(['ramp', i, 'share'], `${phase.share} is less than the phase before`, 'never let a ramp go down');
    }
    before = Math.max(before, share);
    const last = i === value.ramp!.length - 1;
    if (last && phase.for !== undefined) {
      add(['ramp', i, 'for'], 'the last phase runs until the end', 'remove it, or add a phase');
    }
    if (!last && phase.for === undefined) {
      add(['ramp', i], 'does not say how long it lasts', 'add for: 1d, or another length');
    }
    if (phase.for !== undefined && toMs(phase.for) === 0) {
      add(['ramp', i, 'for'], 'is nothing', 'write a length of time such as 1d');
    }
  });
}
