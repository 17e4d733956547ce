import type { Declarations } from '../declarations.ts';
import { type ExperimentFile, experimentSchema, toExperiment } from '../experiment.ts';
import type { StageDefinition } from '../variants/stage.ts';
import { findConflicts } from './conflicts.ts';
import type { DeclarationError } from './errors.ts';
import { checkExperiment, type ExperimentDraft, type KnownNames } from './experiment-checks.ts';
import { type LayersFile, layersFileSchema, toLayers } from './layers.ts';
import { isBefore, type MetricsFile, metricMistakes, metricsFileSchema, toMetrics } from './metrics.ts';
import { OWN_SURFACE } from './metrics-of.ts';
import { type ModelsFile, modelsFileSchema, scorerMistakes, TRAINED_SCORER, toScorers } from './models.ts';
import { pipelineMistakes } from './pipeline.ts';
import { pipelineModelMistakes } from './pipeline-models.ts';
import { DAY_MS, toMs } from './quantities.ts';
import { compileSchema } from './schema-errors.ts';
import { sha256 } from './sha256.ts';
import type { SourceFile } from './source-file.ts';
import { suggestion } from './suggest.ts';
import { type SurfacesFile, surfacesFileSchema, toSurfaces } from './surfaces.ts';
import { parseYaml, type YamlFile, type YamlPath } from './yaml.ts';

export type ParseResult =
  | { readonly ok: true; readonly declarations: Declarations }
  | { readonly ok: false; readonly errors: readonly DeclarationError[] };

/** A file whose YAML could be read. */
interface Draft<File> {
  readonly file: YamlFile;
  readonly value: File;
  sound(...path: YamlPath): boolean;
}

/** The files that are shared by all experiments; every other YAML file of the folder is an experiment. */
const SHARED = ['metrics.yaml', 'layers.yaml', 'surfaces.yaml'] as const;
/** Shared too, but there need not be one. */
const MODELS = 'models.yaml';

/**
 * Reads one consistent set of declarations, or tells everything that is wrong with it, file by file and line by line.
 * A part that the schema refuses does not keep the other parts from being checked.
 */
export function parseDeclarations(
  files: readonly SourceFile[],
  stages: readonly StageDefinition[],
): ParseResult {
  const errors: DeclarationError[] = [];
  const sharedFile = (name: string) => files.find((file) => baseName(file.path) === name);
  for (const name of SHARED) {
    if (sharedFile(name) === undefined) errors.push(missingFile(name, files));
  }

  const read = <File>(source: SourceFile | undefined, check: ReturnType<typeof compileSchema>) => {
    if (source === undefined) return undefined;
    const parsed = parseYaml(source);
    errors.push(...parsed.errors);
    if (parsed.file === undefined) return undefined;
    const mistakes = check(parsed.file);
    errors.push(...mistakes.map((mistake) => mistake.error));
    return draftOf<File>(
      parsed.file,
      mistakes.flatMap(({ path, meant }) => (meant === undefined ? [path] : [path, meant])),
    );
  };

  const schemas = compiledSchemas(stages);
  const metrics = read<MetricsFile>(sharedFile('metrics.yaml'), schemas.metrics);
  const layers = read<LayersFile>(sharedFile('layers.yaml'), schemas.layers);
  const surfaces = read<SurfacesFile>(sharedFile('surfaces.yaml'), compileSchema(surfacesFileSchema(stages)));
  const models = read<ModelsFile>(sharedFile(MODELS), schemas.models);
  const experiments = files
    .filter((file) => ![...SHARED, MODELS].includes(baseName(file.path)))
    .map((source) => read<ExperimentFile>(source, schemas.experiment))
    .filter((draft) => draft !== undefined);

  if (metrics !== undefined)
    errors.push(...checkMetrics(metrics, surfaces && namesIn(surfaces.value?.surfaces)));
  if (layers !== undefined) errors.push(...checkLayers(layers));
  if (models !== undefined) errors.push(...checkModels(models));
  const scorers = [TRAINED_SCORER, ...namesIn(models?.value?.scorers)];
  if (surfaces !== undefined) errors.push(...checkSurfaces(surfaces, stages, scorers));
  const known: KnownNames = {
    stages,
    metrics: metrics && windowEnds(metrics),
    before: metrics && measuredBefore(metrics),
    layers: layers && holdouts(layers),
    surfaces: surfaces && namesIn(surfaces.value?.surfaces),
    scorers,
  };
  const readable = experiments.filter(isMap);
  for (const draft of readable) errors.push(...checkExperiment(draft, known));
  errors.push(...findConflicts(readable));

  if (errors.length > 0) return { ok: false, errors: inReadingOrder(errors) };
  return {
    ok: true,
    declarations: {
      version: versionOf(files),
      experiments: experiments.map(({ file, value }) =>
        toExperiment(value, { file: file.path, yaml: file.text }),
      ),
      metrics: toMetrics(metrics!.value),
      layers: toLayers(layers!.value),
      surfaces: toSurfaces(surfaces!.value),
      ...(models !== undefined && {
        scorers: toScorers(models.value, models.file.path),
        ...(models.value.training !== undefined && { training: models.value.training }),
      }),
    },
  };
}

/** Compiling takes tens of milliseconds, so it is done once for each set of stages. */
function compiledSchemas(stages: readonly StageDefinition[]) {
  const known = compiled.get(stages);
  if (known !== undefined) return known;
  const schemas = {
    metrics: compileSchema(metricsFileSchema),
    layers: compileSchema(layersFileSchema),
    surfaces: compileSchema(surfacesFileSchema(stages)),
    models: compileSchema(modelsFileSchema),
    experiment: compileSchema(experimentSchema(stages)),
  };
  compiled.set(stages, schemas);
  return schemas;
}

type Schemas = Record<
  'metrics' | 'layers' | 'surfaces' | 'models' | 'experiment',
  ReturnType<typeof compileSchema>
>;
const compiled = new WeakMap<readonly StageDefinition[], Schemas>();

function draftOf<File>(file: YamlFile, broken: readonly YamlPath[]): Draft<File> {
  const touches = (a: YamlPath, b: YamlPath) =>
    a.slice(0, b.length).join('\n') === b.slice(0, a.length).join('\n');
  return {
    file,
    value: file.value as File,
    sound: (...path) => !broken.some((other) => touches(other, path)),
  };
}

function isMap(draft: ExperimentDraft): boolean {
  return typeof draft.value === 'object' && draft.value !== null && !Array.isArray(draft.value);
}

/** `surfaces`: the known ones; undefined when their file could not be read, which is an error of its own. */
function checkMetrics(
  { file, value, sound }: Draft<MetricsFile>,
  surfaces: readonly string[] | undefined,
): DeclarationError[] {
  return namesIn(value?.metrics).flatMap((key) => {
    if (!sound('metrics', key)) return [];
    const metric = value.metrics[key]!;
    const at = (path: YamlPath, problem: string, mend: string) =>
      file.errorAt(['metrics', key, ...path], problem, mend);
    const errors = metricMistakes(metric).map(({ path, problem, mend }) => at(path, problem, mend));
    for (const part of ['numerator', 'denominator'] as const) {
      const surface = metric[part]?.where?.surface;
      if (surface === undefined || surfaces === undefined) continue;
      const known = [...surfaces, OWN_SURFACE];
      if (!known.includes(surface))
        errors.push(
          at([part, 'where', 'surface'], `there is no surface ${surface}`, suggestion(surface, known)),
        );
    }
    return errors;
  });
}

function checkLayers({ file, value, sound }: Draft<LayersFile>): DeclarationError[] {
  const errors: DeclarationError[] = [];
  const salts = new Map<string, string>();
  for (const name of namesIn(value?.layers)) {
    if (!sound('layers', name)) continue;
    const { salt } = value.layers[name]!;
    const other = salts.get(salt);
    if (other !== undefined) {
      const problem = `${name} has the salt of ${other}, so the two are one layer`;
      errors.push(file.errorAt(['layers', name, 'salt'], problem, 'choose another salt'));
    }
    salts.set(salt, name);
  }
  return errors;
}

function checkModels({ file, value, sound }: Draft<ModelsFile>): DeclarationError[] {
  return namesIn(value?.scorers).flatMap((name) =>
    sound('scorers', name)
      ? scorerMistakes(name, value.scorers![name]!).map(({ path, problem, mend }) =>
          file.errorAt(['scorers', name, ...path], problem, mend),
        )
      : [],
  );
}

function checkSurfaces(
  { file, value, sound }: Draft<SurfacesFile>,
  stages: readonly StageDefinition[],
  scorers: readonly string[],
): DeclarationError[] {
  return namesIn(value?.surfaces).flatMap((name) => {
    const path = ['surfaces', name, 'pipeline'];
    if (!sound(...path)) return [];
    const { pipeline } = value.surfaces[name]!;
    const mistakes = [...pipelineMistakes(pipeline, stages), ...pipelineModelMistakes(pipeline, scorers)];
    return mistakes.map((mistake) => file.errorAt([...path, ...mistake.path], mistake.problem, mistake.mend));
  });
}

/** Days after first exposure at which each metric's window ends; 0 where it has no end or could not be read. */
function windowEnds({ value, sound }: Draft<MetricsFile>): ReadonlyMap<string, number> {
  return new Map(
    namesIn(value?.metrics).map((key) => {
      if (!sound('metrics', key)) return [key, 0];
      const { numerator, denominator, perWeek } = value.metrics[key]!;
      const ends = [numerator.window?.to, denominator?.window?.to, perWeek === true ? '7d' : undefined];
      return [key, Math.max(...ends.map((end) => toMs(end ?? '0d') / DAY_MS))];
    }),
  );
}

/** Metrics whose window begins before first exposure. */
function measuredBefore({ value, sound }: Draft<MetricsFile>): ReadonlySet<string> {
  const keys = namesIn(value?.metrics);
  return new Set(keys.filter((key) => sound('metrics', key) && isBefore(value.metrics[key]!.numerator)));
}

function holdouts({ value, sound }: Draft<LayersFile>): ReadonlyMap<string, string | undefined> {
  return new Map(
    namesIn(value?.layers).map((name) => [
      name,
      sound('layers', name) ? value.layers[name]!.holdout?.name : undefined,
    ]),
  );
}

function namesIn(map: unknown): string[] {
  return typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.keys(map) : [];
}

function missingFile(name: string, files: readonly SourceFile[]): DeclarationError {
  const folder = files[0]?.path.replace(/[^/\\]*$/, '') ?? '';
  return {
    file: `${folder}${name}`,
    line: 1,
    column: 1,
    path: '',
    problem: 'is missing',
    mend: `write it beside the experiments, with apiVersion: screentest/v1 and ${name.replace('.yaml', '')}:`,
  };
}

function inReadingOrder(errors: readonly DeclarationError[]): DeclarationError[] {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...errors].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
}

function versionOf(files: readonly SourceFile[]): string {
  const entries = files.map((file) => [baseName(file.path), file.text] as const);
  return sha256(JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))).slice(0, 12);
}

function baseName(path: string): string {
  return path.replace(/^.*[/\\]/, '');
}
