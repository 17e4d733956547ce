import type { Kernels } from './kernels.ts';

/** Kernels of alternating least squares; `assembly/rows.ts` describes them. */
export function plainImprove(buffer: ArrayBufferLike): Pick<Kernels, 'gram' | 'improve'> {
  const singles = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);
  const integers = new Int32Array(buffer);

  function gram(rows: number, count: number, width: number, from: number, to: number, out: number): void {
    const first = rows / 4;
    const sums = doubles.subarray(out / 8, out / 8 + width * width);
    sums.fill(0, from * width, to * width);
    for (let row = first; row < first + count * width; row += width)
      for (let f = from; f < to; f++)
        for (let g = 0; g < width; g++) sums[f * width + g]! += singles[row + f]! * singles[row + g]!;
  }

  function improve(
    from: number,
    to: number,
    mine: number,
    theirs: number,
    starts: number,
    columns: number,
    values: number,
    gramAt: number,
    penalties: number,
    width: number,
    steps: number,
  ): void {
    const products = singles.subarray(gramAt / 4, gramAt / 4 + width * width);
    const residual = new Float64Array(width);
    const direction = new Float64Array(width);
    const image = new Float64Array(width);
    const solution = new Float64Array(width);

    /** out = sign (gram + penalty I) vector + sum over entries of c (bias + sign y'vector) y */
    const apply = (
      row: number,
      vector: Float64Array,
      out: Float64Array,
      bias: number,
      sign: number,
    ): void => {
      const penalty = singles[penalties / 4 + row]!;
      for (let f = 0; f < width; f++) {
        let sum = penalty * vector[f]!;
        for (let g = 0; g < width; g++) sum += products[f * width + g]! * vector[g]!;
        out[f] = sign * sum;
      }
      const last = integers[starts / 4 + row + 1]!;
      for (let entry = integers[starts / 4 + row]!; entry < last; entry++) {
        const other = theirs / 4 + integers[columns / 4 + entry]! * width;
        let product = 0;
        for (let f = 0; f < width; f++) product += singles[other + f]! * vector[f]!;
        const share = singles[values / 4 + entry]! * (bias + sign * product);
        for (let f = 0; f < width; f++) out[f]! += share * singles[other + f]!;
      }
    };

    for (let row = from; row < to; row++) {
      if (integers[starts / 4 + row] === integers[starts / 4 + row + 1]) continue;
      const own = singles.subarray(mine / 4 + row * width, mine / 4 + (row + 1) * width);
      solution.set(own);
      apply(row, solution, residual, 1, -1);
      direction.set(residual);
      let norm = dot(residual, residual);
      for (let step = 0; step < steps && norm > 1e-20; step++) {
        apply(row, direction, image, 0, 1);
        const length = norm / dot(direction, image);
        for (let f = 0; f < width; f++) {
          solution[f]! += length * direction[f]!;
          residual[f]! -= length * image[f]!;
        }
        const next = dot(residual, residual);
        for (let f = 0; f < width; f++) direction[f] = residual[f]! + (next / norm) * direction[f]!;
        norm = next;
      }
      own.set(solution);
    }
  }

  return { gram, improve };
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < left.length; f++) sum += left[f]! * right[f]!;
  return sum;
}
