import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import { InvalidInput } from '../files/invalid-input.ts';
import { normalise } from '../ranking/unit-vector.ts';

/** Unit vectors of texts, row-major; the zero vector for a text without a token. */
export interface TextVectors {
  readonly dims: number;
  readonly vectors: Float32Array;
}

export interface TextEncoder {
  /** Tokens of a text that the model reads; the rest of it is cut off. */
  readonly longest: number;
  /** @throws InvalidInput when the model's output has another shape or is not finite */
  encode(texts: readonly string[], progress?: (done: number, total: number) => void): Promise<TextVectors>;
  close(): Promise<void>;
}

/** Tokens of one text, and which input each model may ask for is made of them. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'] as const;
type Input = (typeof INPUTS)[number];
/** What the vectors come from: a vector of the whole text before one of each token. */
const OUTPUTS = ['sentence_embedding', 'last_hidden_state'] as const;
/** Where nothing says how long a text may be. */
const LONGEST = 512;
const BATCH = 32;

/**
 * Opens a text-embedding model: a folder with `model.onnx`, `tokenizer.json` and, where there is one, `tokenizer_config.json`.
 * The model takes `input_ids` and may take `attention_mask` and `token_type_ids`, each [batch, tokens] of int64; it gives
 * `sentence_embedding` [batch, dims], or `last_hidden_state` [batch, tokens, dims], whose mean over the tokens of a
 * text is taken.
 *
 * @throws InvalidInput naming the file and the mend: a missing file, no model or tokenizer, other inputs or outputs
 */
export async function loadTextEncoder(folder: string): Promise<TextEncoder> {
  const file = join(folder, 'model.onnx');
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInput(missing(file, error));
  });
  const { tokenizer, longest } = await readTokenizer(folder);
  const session = await ort.InferenceSession.create(bytes).catch((error: unknown) => {
    throw new InvalidInput(
      `${file}: is no model that onnxruntime can run (${(error as Error).message}); export it again as ONNX`,
    );
  });
  const output = checkInterface(session, file);
  return {
    longest,
    close: () => session.release(),
    async encode(texts, progress = () => {}) {
      const tokens = texts.map((text) => tokensOf(tokenizer, text, longest));
      // Texts of like length share a batch, so that little is computed for padding.
      const order = tokens
        .map((_, row) => row)
        .filter((row) => tokens[row]!.length > 0)
        .sort((a, b) => tokens[a]!.length - tokens[b]!.length || a - b);
      let dims = 0;
      let vectors = new Float32Array(0);
      for (let from = 0; from < order.length; from += BATCH) {
        const rows = order.slice(from, from + BATCH);
        const batch = rows.map((row) => tokens[row]!);
        const found = await embed(session, output, batch, file);
        if (dims === 0) {
          dims = found.length / rows.length;
          vectors = new Float32Array(texts.length * dims);
        }
        if (found.length !== rows.length * dims)
          throw new InvalidInput(
            `${file}: gives vectors of ${found.length / rows.length} numbers after ${dims}; export it with one width`,
          );
        rows.forEach((row, place) => {
          const vector = found.subarray(place * dims, (place + 1) * dims);
          normalise(vector);
          vectors.set(vector, row * dims);
        });
        progress(from + rows.length, order.length);
      }
      return { dims, vectors };
    },
  };
}

const missing = (file: string, error: NodeJS.ErrnoException): string =>
  `${file}: ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.message})`}; ` +
  'a text model is a folder with model.onnx and tokenizer.json';

async function readJson(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInput(missing(file, error));
  });
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new InvalidInput(`${file}: is not JSON (${(cause as Error).message}); export the tokenizer again`);
  }
}

async function readTokenizer(folder: string): Promise<{ tokenizer: Tokenizer; longest: number }> {
  const file = join(folder, 'tokenizer.json');
  const settings = await readJson(file);
  const configFile = join(folder, 'tokenizer_config.json');
  const config = existsSync(configFile) ? await readJson(configFile) : {};
  try {
    const tokenizer = new Tokenizer(settings, config);
    const truncation = settings.truncation as { max_length?: unknown } | null | undefined;
    const limits = [config.model_max_length, truncation?.max_length].filter(
      // Exporters write an astronomical number for "no limit".
      (limit): limit is number => Number.isInteger(limit) && (limit as number) > 0 && (limit as number) < 1e6,
    );
    return { tokenizer, longest: limits.length > 0 ? Math.min(...limits) : LONGEST };
  } catch (cause) {
    throw new InvalidInput(
      `${file}: is no tokenizer (${(cause as Error).message}); take tokenizer.json of the model`,
    );
  }
}

/** The output that vectors are taken from. */
function checkInterface(session: ort.InferenceSession, file: string): string {
  const inputs = session.inputMetadata;
  const other = inputs.filter(({ name }) => !INPUTS.includes(name as Input)).map(({ name }) => name);
  if (other.length > 0 || !session.inputNames.includes('input_ids'))
    throw new InvalidInput(
      `${file}: has the inputs ${session.inputNames.join(', ')}; a text model takes input_ids and may take ` +
        'attention_mask and token_type_ids: export it for feature extraction',
    );
  for (const input of inputs)
    if (!input.isTensor || input.type !== 'int64' || input.shape.length !== 2)
      throw new InvalidInput(
        `${file}: takes ${input.name} as ${input.isTensor ? `${input.type} [${input.shape.join(', ')}]` : 'no tensor'}; ` +
          'export it for int64 [batch, tokens]',
      );
  const output = OUTPUTS.find((name) => session.outputNames.includes(name));
  if (output === undefined)
    throw new InvalidInput(
      `${file}: has the outputs ${session.outputNames.join(', ')}; expected ${OUTPUTS.join(' or ')}: ` +
        'export it for feature extraction',
    );
  return output;
}

/** Token ids of a text; of a text that is too long its last words are cut, not the special tokens around it. */
function tokensOf(tokenizer: Tokenizer, text: string, longest: number): readonly number[] {
  const { ids } = tokenizer.encode(text);
  if (ids.length <= longest) return ids;
  const words: readonly number[] = tokenizer.encode(text, { add_special_tokens: false }).ids;
  const special = ids.length - words.length;
  const before = Math.max(
    0,
    Array.from({ length: special + 1 }, (_, at) => at).findIndex((at) =>
      words.every((word, place) => ids[at + place] === word),
    ),
  );
  const kept = words.slice(0, Math.max(0, longest - special));
  return [...ids.slice(0, before), ...kept, ...ids.slice(before + words.length)].slice(0, longest);
}

async function embed(
  session: ort.InferenceSession,
  output: string,
  batch: readonly (readonly number[])[],
  file: string,
): Promise<Float32Array> {
  const width = Math.max(...batch.map((tokens) => tokens.length));
  const shape = [batch.length, width];
  const data: Record<Input, BigInt64Array> = {
    input_ids: new BigInt64Array(batch.length * width),
    attention_mask: new BigInt64Array(batch.length * width),
    token_type_ids: new BigInt64Array(batch.length * width),
  };
  batch.forEach((tokens, row) => {
    tokens.forEach((token, place) => {
      data.input_ids[row * width + place] = BigInt(token);
      data.attention_mask[row * width + place] = 1n;
    });
  });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [name, new ort.Tensor('int64', data[name as Input], shape)]),
  );
  const { [output]: found } = await session.run(feeds, [output]).catch((error: unknown) => {
    throw new InvalidInput(
      `${file}: cannot embed ${batch.length} texts of up to ${width} tokens (${(error as Error).message}); ` +
        'is tokenizer.json the one of this model?',
    );
  });
  const { dims, type } = found!;
  const whole = output === 'sentence_embedding';
  const fits = whole ? dims.length === 2 : dims.length === 3 && dims[1] === width;
  if (type !== 'float32' || !fits || dims[0] !== batch.length || dims.at(-1)! < 1)
    throw new InvalidInput(
      `${file}: gives ${output} as ${type} [${dims.join(', ')}] for ${batch.length} texts of ${width} tokens; ` +
        `expected float32 [${batch.length}, ${whole ? '' : `${width}, `}dims]`,
    );
  const values = found!.data as Float32Array;
  if (!values.every(Number.isFinite))
    throw new InvalidInput(`${file}: gave a number that is not finite; export it in 32 bits`);
  return whole ? Float32Array.from(values) : meanOfTokens(values, batch, width, dims[2]!);
}

function meanOfTokens(
  values: Float32Array,
  batch: readonly (readonly number[])[],
  width: number,
  dims: number,
): Float32Array {
  const means = new Float32Array(batch.length * dims);
  batch.forEach(({ length }, row) => {
    for (let token = 0; token < length; token++)
      for (let d = 0; d < dims; d++)
        means[row * dims + d]! += values[(row * width + token) * dims + d]! / length;
  });
  return means;
}
