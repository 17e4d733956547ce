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
  const columns = [
    slate.scores,
    slate.propensities,
    slate.because,
    slate.sources,
    ...(slate.teams ? [slate.teams] : []),
  ];
  if (slots > 255 || stages.length > 255)
    throw new RangeError('a slate holds at most 255 slots and 255 stages');
  if (columns.some((column) => column.length !== slots))
    throw new RangeError('the columns of a slate differ in length');
  const names = stages.map((stage) => UTF8.encode(stage.stage));
  if (names.some((name) => name.length > 255)) throw new RangeError('the name of a stage exceeds 255 bytes');
  const tail = names.reduce((bytes, name) => bytes + 5 + name.length, 0);
  const bytes = new Uint8Array(HEADER + slots * (SLOT + (slate.teams ? 1 : 0)) + tail);
  const view = new DataView(bytes.buffer);
  bytes.set([VERSION, slate.teams ? TEAMS : 0, slots, stages.length]);
  let at = HEADER;
  for (const column of [slate.titles, slate.scores, slate.propensities, slate.because]) {
    const isFloat = column instanceof Float32Array;
    for (const value of column) {
      if (isFloat) view.setFloat32(at, value, true);
      else view.setInt32(at, value, true);
      at += 4;
    }
  }
  bytes.set(slate.sources, at);
  at += slots;
  if (slate.teams) {
    bytes.set(slate.teams, at);
    at += slots;
  }
  stages.forEach((stage, i) => {
    const name = names[i] as Uint8Array;
    view.setUint32(at, Math.min(0xffffffff, Math.max(0, Math.round(stage.micros))), true);
    bytes[at + 4] = name.length;
    bytes.set(name, at + 5);
    at += 5 + name.length;
  });
  return bytes;
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
