import { SKIP_REASONS, type SkippedStage, type Slate, type StageTiming } from '../variants/stage.ts';

/** What a request keeps of its slate and of the pipeline's run. */
export interface PackedRun {
  readonly slate: Slate;
  readonly stages: readonly StageTiming[];
  readonly skipped: readonly SkippedStage[];
  /** Slots beyond the genre cap; counted up to 255. */
  readonly relaxed: number;
}

/** Version 1 knew neither skipped stages and relaxed caps nor how many titles a stage was given. */
const VERSION = 2;
const HEADER = 4;
const SLOT = 17;
const TEAMS = 1;
const UTF8 = new TextEncoder();

/**
 * Slate and stage timings as bytes, little-endian: version, flags (bit 0: teams), slots, stages; then per column titles
 * (i32), scores (f32), propensities (f32), because (i32), sources (u8), teams (u8, when flagged); then slots beyond the genre
 * cap (u8), stages skipped (u8) and per one of these its reason (u8), length and UTF-8 of the name; then per stage micros (u32),
 * titles (7 bits a byte, lowest first, bit 7: more follow), length and UTF-8 of the name. 20 slots and 5 stages take about 410 bytes.
 *
 * @throws when there are more than 255 slots or stages, or columns differ in length
 */
export function pack(run: PackedRun): Uint8Array {
  return packAll([run]).bytes;
}

/**
 * Several runs one after the other, each as `pack` has it: run i from `ends[i - 1]` (or 0) up to `ends[i]`.
 *
 * @throws as `pack` does
 */
export function packAll(runs: readonly PackedRun[]): { readonly bytes: Uint8Array; readonly ends: number[] } {
  let end = 0;
  const ends = runs.map((run) => {
    end += packedBytes(run);
    return end;
  });
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const run of runs) at = write(bytes, view, at, run);
  return { bytes, ends };
}

function packedBytes({ slate, stages, skipped }: PackedRun): number {
  const { titles, scores, propensities, because, sources, teams = titles } = slate;
  const slots = titles.length;
  if (slots > 255 || stages.length > 255 || skipped.length > 255)
    throw new RangeError('a slate holds at most 255 slots and 255 stages');
  const differ = [scores, propensities, because, sources, teams].some((column) => column.length !== slots);
  if (differ) throw new RangeError('the columns of a slate differ in length');
  const tail = 2 + packSkipped(skipped).length + packStages(stages).length;
  return HEADER + slots * (SLOT + (slate.teams ? 1 : 0)) + tail;
}

/** @returns where it ends */
function write(bytes: Uint8Array, view: DataView, from: number, run: PackedRun): number {
  const { slate, stages, skipped, relaxed } = run;
  const { titles, scores, propensities, because, sources, teams } = slate;
  const slots = titles.length;
  bytes[from] = VERSION;
  bytes[from + 1] = teams ? TEAMS : 0;
  bytes[from + 2] = slots;
  bytes[from + 3] = stages.length;
  const column = 4 * slots;
  let at = from + HEADER;
  for (let slot = 0; slot < slots; slot++, at += 4) {
    view.setInt32(at, titles[slot]!, true);
    view.setFloat32(at + column, scores[slot]!, true);
    view.setFloat32(at + 2 * column, propensities[slot]!, true);
    view.setInt32(at + 3 * column, because[slot]!, true);
  }
  at += 3 * column;
  for (let slot = 0; slot < slots; slot++) bytes[at++] = sources[slot]!;
  if (teams) for (let slot = 0; slot < slots; slot++) bytes[at++] = teams[slot]!;
  bytes[at++] = Math.min(255, relaxed);
  bytes[at++] = skipped.length;
  for (const part of [packSkipped(skipped), packStages(stages)]) {
    bytes.set(part, at);
    at += part.length;
  }
  return at;
}

const NOTHING = new Uint8Array(0);

function packSkipped(skipped: readonly SkippedStage[]): Uint8Array {
  if (skipped.length === 0) return NOTHING;
  return Uint8Array.from(
    skipped.flatMap(({ stage, reason }) => [SKIP_REASONS.indexOf(reason), ...packName(stage)]),
  );
}

function packName(name: string): number[] {
  const bytes = UTF8.encode(name);
  if (bytes.length > 255) throw new RangeError('the name of a stage exceeds 255 bytes');
  return [bytes.length, ...bytes];
}

/** Requests ranked together share their timings, which are packed once. */
const packedStages = new WeakMap<readonly StageTiming[], Uint8Array>();

function packStages(stages: readonly StageTiming[]): Uint8Array {
  let packed = packedStages.get(stages);
  if (packed === undefined) {
    packed = Uint8Array.from(
      stages.flatMap(({ stage, micros, titles }) => [
        ...packInteger(Math.min(0xffffffff, Math.max(0, Math.round(micros)))),
        ...packCount(titles),
        ...packName(stage),
      ]),
    );
    packedStages.set(stages, packed);
  }
  return packed;
}

function packInteger(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** As LEB128: a count is mostly small. */
function packCount(count: number): number[] {
  return count < 128 ? [count] : [128 + (count % 128), ...packCount(Math.floor(count / 128))];
}

/** How many slots the slate in these bytes has. */
export function packedSlots(bytes: Uint8Array): number {
  return bytes[2]!;
}

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
  if (version < 1 || version > VERSION)
    throw damaged(bytes, `version ${version} is unknown; this program reads 1 to ${VERSION}`);
  if (flags > TEAMS) throw damaged(bytes, `flags ${flags} are unknown`);
  const hasTeams = flags === TEAMS;
  const end = HEADER + slots * (SLOT + (hasTeams ? 1 : 0));
  if (bytes.length < end) throw damaged(bytes, `${slots} slots need ${end} bytes`);
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
  return { slate, ...unpackRun(bytes, view, end, version, count) };
}

/** What follows the slate. */
function unpackRun(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  version: number,
  count: number,
): Omit<PackedRun, 'slate'> {
  let at = from;
  const byte = (): number => {
    if (at >= bytes.length) throw damaged(bytes, 'its stages are cut off');
    return bytes[at++]!;
  };
  const name = (): string => {
    const length = byte();
    at += length;
    if (at > bytes.length) throw damaged(bytes, 'its stages are cut off');
    return decodeName(bytes.subarray(at - length, at), bytes);
  };
  const micros = (): number => {
    at += 4;
    if (at > bytes.length) throw damaged(bytes, 'its stages are cut off');
    return view.getUint32(at - 4, true);
  };
  const titles = (): number => {
    let sum = 0;
    for (let unit = 1; ; unit *= 128) {
      const part = byte();
      sum += (part % 128) * unit;
      if (part < 128) return sum;
    }
  };
  const relaxed = version === 1 ? 0 : byte();
  const omitted = version === 1 ? 0 : byte();
  const skipped = Array.from({ length: omitted }, (): SkippedStage => {
    const code = byte();
    const reason = SKIP_REASONS[code];
    if (reason === undefined) throw damaged(bytes, `reason ${code} of a skipped stage is unknown`);
    return { stage: name(), reason };
  });
  const stages = Array.from({ length: count }, (): StageTiming => {
    const timing = { micros: micros(), titles: version === 1 ? 0 : titles() };
    return { stage: name(), ...timing };
  });
  if (at !== bytes.length) throw damaged(bytes, `${bytes.length - at} bytes follow the last stage`);
  return { stages, skipped, relaxed };
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
