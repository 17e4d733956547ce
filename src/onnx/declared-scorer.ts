import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { ScorerDeclaration } from '../declarations.ts';
import { sha256 } from '../files/file-set.ts';
import { InvalidInput } from '../files/invalid-input.ts';
import { type FeatureColumn, featureColumns, gatherColumns } from '../ranking/feature-columns.ts';
import { FEATURE_SCHEMA, itemFeatures } from '../ranking/features.ts';
import type { Models, Scorer } from '../ranking/models.ts';

type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array;

/** Writes one input of the model for a batch, with room kept from call to call. */
interface Feed {
  readonly name: string;
  readonly type: 'float32' | 'float64' | 'int32' | 'int64';
  /** Columns of features; undefined: the row of the title. */
  readonly columns: readonly FeatureColumn[] | undefined;
  /** Numbers per candidate, and whether they have a dimension of their own. */
  readonly width: number;
  readonly flat: boolean;
}

const OPTIONS: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
};

/**
 * A scorer from an ONNX file of the team's own. The model is fed with one row per candidate and must give one number for each,
 * the higher the better: any finite number, or a probability where a stage gives it the weight 1.
 *
 * @throws InvalidInput at load when the file cannot be read or run, or its inputs, their types and widths, or its output are
 *   others than declared; the scorer rejects where a score is no finite number
 */
export async function loadDeclaredScorer(
  declaration: ScorerDeclaration,
  models: Pick<Models, 'catalogue' | 'trending' | 'ease' | 'itemKnn'>,
): Promise<Scorer> {
  const { file, name: _, ...fed } = declaration;
  refuseMissingModels(declaration, models);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInput(
      `${file}: ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`}; ` +
        `model ${declaration.name} of models.yaml names it`,
    );
  });
  const session = await ort.InferenceSession.create(bytes, OPTIONS).catch((error: unknown) => {
    throw new InvalidInput(
      `${file}: is no model that onnxruntime can run (${error instanceof Error ? error.message : String(error)}); export it again as ONNX`,
    );
  });
  const feeds = feedsOf(session, declaration);
  const output = outputOf(session, declaration);
  const items = itemFeatures(models);
  return {
    // What it is fed with is as much of its version as what it is.
    name: `${declaration.name}@${sha256(Buffer.from(sha256(bytes) + JSON.stringify({ ...fed, file: undefined }))).slice(0, 12)}`,
    featureSchema: FEATURE_SCHEMA,
    async score(batch, slots, users, candidates, pairs) {
      const rows = batch * slots;
      const inputs: Record<string, ort.Tensor> = {};
      for (const feed of feeds) {
        const data = dataOf(feed, rows);
        if (feed.columns === undefined) writeRows(data as Int32Array | BigInt64Array, candidates, rows);
        else
          gatherColumns(data as Float32Array | Float64Array, feed.columns, {
            batch,
            slots,
            users,
            items,
            candidates,
            pairs,
          });
        inputs[feed.name] = new ort.Tensor(
          feed.type,
          data as Float32Array,
          feed.flat ? [rows] : [rows, feed.width],
        );
      }
      const results = await session.run(inputs, [output]);
      return columnOf(results[output]!, rows, declaration);
    },
  };
}

/** Features that are scores of a model which nothing trains here would all be 0. */
function refuseMissingModels(
  declaration: ScorerDeclaration,
  { ease, itemKnn }: Pick<Models, 'ease' | 'itemKnn'>,
): void {
  const named = declaration.inputs.flatMap((input) => ('features' in input ? input.features : []));
  for (const [feature, source, model] of [
    ['pair.ease', 'ease', ease],
    ['pair.item_knn', 'itemKnn', itemKnn],
  ] as const)
    if (named.includes(feature) && model === undefined)
      throw refuser(declaration)(
        `is fed with ${feature}, and no pipeline takes candidates from ${source}, so there is no such model`,
        `declare ${source} among the sources of a pipeline`,
      );
}

function feedsOf(session: ort.InferenceSession, declaration: ScorerDeclaration): Feed[] {
  const refuse = refuser(declaration);
  const declared = declaration.inputs.map(({ name }) => name);
  const missing = session.inputNames.filter((name) => !declared.includes(name));
  const unknown = declared.filter((name) => !session.inputNames.includes(name));
  if (missing.length + unknown.length > 0)
    throw refuse(
      `has the inputs ${session.inputNames.join(', ')}; models.yaml declares ${declared.join(', ')}`,
      'declare each input of the model, by its name',
    );
  return declaration.inputs.map((input) => {
    const metadata = session.inputMetadata.find(({ name }) => name === input.name)!;
    if (!metadata.isTensor)
      throw refuse(`has the input ${input.name}, which is no tensor`, 'export the model with tensors only');
    const columns = 'features' in input ? input.features.flatMap((name) => featureColumns(name)!) : undefined;
    const wanted = columns === undefined ? ['int32', 'int64'] : ['float32', 'float64'];
    const { type, shape } = metadata;
    if (!wanted.includes(type))
      throw refuse(
        `takes ${type} as ${input.name}; ${columns === undefined ? 'an index' : 'features'} can be ${wanted.join(' or ')}`,
        'export it with such an input',
      );
    const width = columns?.length ?? 1;
    const flat = shape.length === 1;
    const fits = flat ? width === 1 : shape.length === 2 && [width, -1].includes(fixed(shape[1]));
    if (!fits || fixed(shape[0]) !== -1)
      throw refuse(
        `takes ${input.name} as [${shape.join(', ')}]; what is declared gives [rows, ${width}], for any number of rows`,
        columns === undefined ? 'export it for [rows]' : 'declare as many features as it has columns',
      );
    return { name: input.name, type: type as Feed['type'], columns, width, flat };
  });
}

function outputOf(session: ort.InferenceSession, declaration: ScorerDeclaration): string {
  const refuse = refuser(declaration);
  const name = declaration.output ?? session.outputNames[0]!;
  const several = declaration.output === undefined && session.outputNames.length > 1;
  if (several || !session.outputNames.includes(name))
    throw refuse(
      `has the outputs ${session.outputNames.join(', ')}${several ? '' : `, not ${name}`}`,
      'name the one that ranks as output: {name: ...}',
    );
  const metadata = session.outputMetadata.find((one) => one.name === name)!;
  if (!metadata.isTensor || !['float32', 'float64'].includes(metadata.type))
    throw refuse(
      `gives ${name} as ${metadata.isTensor ? metadata.type : 'a list of maps'}; a score must be a tensor of float32 or float64`,
      'export it without the map of classes (for scikit-learn: zipmap off)',
    );
  const width = metadata.shape.length === 2 ? fixed(metadata.shape[1]) : 1;
  const { column } = declaration;
  if (width > 1 && column === undefined)
    throw refuse(`gives ${name} with ${width} columns`, 'say which one ranks as output: {column: ...}');
  if (width > 0 && column !== undefined && column >= width)
    throw refuse(`gives ${name} with ${width} columns, none of them ${column}`, 'columns count from 0');
  return name;
}

function refuser({ file, name }: ScorerDeclaration) {
  return (problem: string, mend: string): InvalidInput =>
    new InvalidInput(`${file}: ${problem}; ${mend} (model ${name} of models.yaml)`);
}

/** A free dimension as -1. */
function fixed(size: number | string | undefined): number {
  return typeof size === 'number' && size > 0 ? size : -1;
}

function dataOf({ type, width }: Feed, rows: number): TensorData {
  const length = rows * width;
  switch (type) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
  }
}

function writeRows(out: Int32Array | BigInt64Array, titles: Int32Array, rows: number): void {
  if (out instanceof Int32Array) out.set(titles.subarray(0, rows));
  else for (let row = 0; row < rows; row++) out[row] = BigInt(titles[row]!);
}

function columnOf(result: ort.Tensor, rows: number, { file, column = 0 }: ScorerDeclaration): Float32Array {
  const data = result.data as Float32Array | Float64Array;
  const width = data.length / rows;
  if (!Number.isInteger(width) || column >= width)
    throw new Error(`${file} gave ${data.length} numbers for ${rows} candidates`);
  const scores = new Float32Array(rows);
  for (let row = 0, at = column; row < rows; row++, at += width) {
    const score = data[at]!;
    if (!Number.isFinite(score)) throw new Error(`${file} gave a score that is not a finite number`);
    scores[row] = score;
  }
  return scores;
}
