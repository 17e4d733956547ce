/**
 * Gflop per CPU second of a core that only multiplies and adds, a dozen sums in registers: what no kernel of this kind can pass. The module is put
 * together here by hand, so that it shares nothing with what it is compared with.
 *
 * @param vectors 'f32x4' or 'f64x2'
 */
export function multiplyAddPeak(vectors) {
  const { lanes, multiply, add } = {
    f32x4: { lanes: 4, multiply: 0xe6, add: 0xe4 },
    f64x2: { lanes: 2, multiply: 0xf2, add: 0xf0 },
  }[vectors];
  const exported = new WebAssembly.Instance(new WebAssembly.Module(loop(multiply, add))).exports.run;
  const turns = 2e7;
  exported(turns / 10);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const started = process.cpuUsage();
    exported(turns);
    best = Math.min(best, process.cpuUsage(started).user);
  }
  return (turns * SUMS * lanes * 2) / best / 1e3;
}

/** As many as there are registers for beside the two factors. */
const SUMS = 12;

/** (turns: i32) => i32: each of the sums becomes itself times one vector plus another, so often. */
function loop(multiply, add) {
  const get = (local) => [0x20, local];
  const set = (local) => [0x21, local];
  const simd = (code) => [0xfd, ...unsigned(code)];
  // Locals: 0 the turns, 1 and 2 what is multiplied by and added, 3 on the sums.
  const steps = Array.from({ length: SUMS }, (_, sum) =>
    [get(3 + sum), get(1), simd(multiply), get(2), simd(add), set(3 + sum)].flat(),
  ).flat();
  const body = [
    ...[1, SUMS + 2, 0x7b],
    ...[0x03, 0x40, ...steps, ...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // Something of every sum leaves, or it would not be computed.
    ...Array.from({ length: SUMS }, (_, sum) => [...get(3 + sum), ...(sum > 0 ? simd(add) : [])]).flat(),
    ...simd(0x53),
    0x0b,
  ];
  const code = [...unsigned(body.length), ...body];
  const section = (id, bytes) => [id, ...unsigned(bytes.length), ...bytes];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...code]),
  ]);
}

/** LEB128. */
function unsigned(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return bytes;
  }
}
