import type { Slate, StageTiming } from '../variants/stage.ts';

/** What a request keeps of its slate and of the pipeline's run. */
export interface PackedRun {
  readonly slate: Slate;
  readonly stages: readonly StageTiming[];
}

const VERSION = 1;
const HEADER = 4;
const SLOT = 17;
const TEAMS = 1;
const UTF8 = new TextEncoder();

/**
 * Slate and stage timings as bytes, little-endian: version, flags (bit 0: teams), slots, stages; then per column titles
 * (i32), scores (f32), propensities (f32), because (i32), sources (u8), teams (u8, when flagged); then per stage
 * micros (u32), length and UTF-8 of the name. 20 slots and 5 stages take about 410 bytes.
 *
 * @throws when there are more than 255 slots or stages, or columns differ in length
 */
export function pack(run: PackedRun): Uint8Array {
  const { slate, stages } = run;
  const slots = slate.titles.length;
  const columns: Column[] = [slate.titles, slate.scores, slate.propensities, slate.because, slate.sources];
  if (slate.teams) columns.push(slate.teams);
  if (slots > 255 || stages.length > 255)
    throw new RangeError('a slate holds at most 255 slots and 255 stages');
  if (columns.some((column) => column.length !== slots))
    throw new RangeError('the columns of a slate differ in length');
  const tail = packStages(stages);
  const bytes = new Uint8Array(HEADER + slots * (SLOT + (slate.teams ? 1 : 0)) + tail.length);
  bytes[0] = VERSION;
  bytes[1] = slate.teams ? TEAMS : 0;
  bytes[2] = slots;
  bytes[3] = stages.length;
  let at = HEADER;
  for (const column of columns) {
    bytes.set(littleEndian(column), at);
    at += column.byteLength;
  }
  bytes.set(tail, at);
  return bytes;
}

/** Requests ranked together share their timings, which are packed once. */
const packedStages = new WeakMap<readonly StageTiming[], Uint8Array>();

function packStages(stages: readonly StageTiming[]): Uint8Array {
  let packed = packedStages.get(stages);
  if (packed === undefined) {
    const names = stages.map((stage) => UTF8.encode(stage.stage));
    if (names.some((name) => name.length > 255))
      throw new RangeError('the name of a stage exceeds 255 bytes');
    packed = new Uint8Array(names.reduce((bytes, name) => bytes + 5 + name.length, 0));
    const view = new DataView(packed.buffer);
    let at = 0;
    for (const [i, name] of names.entries()) {
      view.setUint32(at, Math.min(0xffffffff, Math.max(0, Math.round(stages[i]!.micros))), true);
      packed[at + 4] = name.length;
      packed.set(name, at + 5);
      at += 5 + name.length;
    }
    packedStages.set(stages, packed);
  }
  return packed;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT }: Column): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  if (IS_LITTLE_ENDIAN || BYTES_PER_ELEMENT === 1) return bytes;
  const swapped = new Uint8Array(byteLength);
  for (let i = 0; i < byteLength; i++) swapped[i] = bytes[i ^ 3]!;
  return swapped;
}

type Column = Int32Array | Float32Array | Uint8Array;

/**
 * The inverse of `pack`.
 *
 * @throws when the bytes are of another version, too short, too long, or hold a broken name
 */
export function unpack(bytes: Uint8Array): PackedRun {
  const [version, flags, slots, count] = bytes;
  if (version === undefined || flags === undefined || slots === undefined || count === undefined) {
    throw damaged(bytes, 'the header is cut off');
  }
  if (version !== VERSION)
    throw damaged(bytes, `version ${version} is unknown; this program reads ${VERSION}`);
  if (flags > TEAMS) throw damaged(bytes, `flags ${flags} are unknown`);
  const hasTeams = flags === TEAMS;
  let at = HEADER + slots * (SLOT + (hasTeams ? 1 : 0));
  if (bytes.length < at) throw damaged(bytes, `${slots} slots need ${at} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const column = <T extends Int32Array | Float32Array>(
    array: T,
    from: number,
    read: (at: number) => number,
  ): T => {
    for (let i = 0; i < slots; i++) array[i] = read(from + 4 * i);
    return array;
  };
  const integer = (at: number) => view.getInt32(at, true);
  const float = (at: number) => view.getFloat32(at, true);
  const narrow = HEADER + 16 * slots;
  const slate: Slate = {
    titles: column(new Int32Array(slots), HEADER, integer),
    scores: column(new Float32Array(slots), HEADER + 4 * slots, float),
    propensities: column(new Float32Array(slots), HEADER + 8 * slots, float),
    because: column(new Int32Array(slots), HEADER + 12 * slots, integer),
    sources: Uint8Array.from(bytes.subarray(narrow, narrow + slots)),
    ...(hasTeams ? { teams: Uint8Array.from(bytes.subarray(narrow + slots, narrow + 2 * slots)) } : {}),
  };
  const stages: StageTiming[] = [];
  for (let i = 0; i < count; i++) {
    const length = bytes[at + 4];
    if (length === undefined || bytes.length < at + 5 + length) throw damaged(bytes, `stage ${i} is cut off`);
    const name = bytes.subarray(at + 5, at + 5 + length);
    stages.push({ stage: decodeName(name, bytes), micros: view.getUint32(at, true) });
    at += 5 + length;
  }
  if (at !== bytes.length) throw damaged(bytes, `${bytes.length - at} bytes follow the last stage`);
  return { slate, stages };
}

function decodeName(name: Uint8Array, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name);
  } catch {
    throw damaged(bytes, 'the name of a stage is not UTF-8');
  }
}

function damaged(bytes: Uint8Array, why: string): Error {
  return new Error(`packed slate of ${bytes.length} bytes is damaged: ${why}`);
}
