import type { Kernels } from './kernels.ts';

/** Kernels of EASE; `assembly/sweep.ts` describes them. */
export function plainSweep(
  buffer: ArrayBufferLike,
): Pick<Kernels, 'countShared' | 'pack' | 'invertBlock' | 'multiply' | 'update'> {
  const doubles = new Float64Array(buffer);
  const integers = new Int32Array(buffer);
  /** Place of row r and column k of a block in its panels. */
  const place = (r: number, k: number, size: number): number => ((r >> 2) * size + k) * 4 + (r & 3);

  function countShared(
    from: number,
    to: number,
    starts: number,
    columns: number,
    columnStarts: number,
    columnRows: number,
    matrix: number,
    order: number,
  ): void {
    for (let row = from; row < to; row++) {
      const last = integers[starts / 4 + row + 1]!;
      for (let entry = integers[starts / 4 + row]!; entry < last; entry++) {
        const column = columnStarts / 4 + integers[columns / 4 + entry]!;
        for (let at = integers[column]!; at < integers[column + 1]!; at++) {
          const other = integers[columnRows / 4 + at]!;
          if (other <= row) doubles[matrix / 8 + row * order + other]!++;
        }
      }
    }
  }

  function pack(
    from: number,
    to: number,
    start: number,
    size: number,
    matrix: number,
    order: number,
    panels: number,
  ): void {
    for (let row = 4 * from; row < 4 * to; row++)
      for (let k = 0; k < size; k++) {
        const [i, j] = row < start ? [start + k, row] : [row, start + k];
        doubles[panels / 8 + place(row, k, size)] = doubles[matrix / 8 + i * order + j]!;
      }
  }

  function invertBlock(
    start: number,
    size: number,
    matrix: number,
    order: number,
    squareAt: number,
    panels: number,
    status: number,
  ): void {
    const square = doubles.subarray(squareAt / 8, squareAt / 8 + size * size);
    const corner = matrix / 8 + start * (order + 1);
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++)
        square[i * size + j] = square[j * size + i] = doubles[corner + i * order + j]!;
    for (let k = 0; k < size; k++) {
      const pivot = square[k * size + k]!;
      if (!(pivot > 0)) {
        doubles[status / 8] = start + k;
        return;
      }
      for (let i = 0; i < size; i++) {
        if (i === k) continue;
        const factor = square[i * size + k]! / pivot;
        for (let j = 0; j < size; j++) square[i * size + j]! -= factor * square[k * size + j]!;
        square[i * size + k] = factor;
      }
      for (let j = 0; j < size; j++) square[k * size + j]! /= pivot;
      square[k * size + k] = -1 / pivot;
    }
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        if (j <= i) doubles[corner + i * order + j] = square[i * size + j]!;
        doubles[panels / 8 + place(j, i, size)] = square[i * size + j]!;
      }
  }

  function multiply(
    from: number,
    to: number,
    start: number,
    size: number,
    matrix: number,
    order: number,
    panels: number,
    block: number,
    products: number,
  ): void {
    for (let row = 4 * from; row < 4 * to; row++) {
      if (row >= start && row < start + size) continue;
      for (let c = 0; c < size; c++) {
        let sum = 0;
        for (let k = 0; k < size; k++)
          sum += doubles[block / 8 + place(c, k, size)]! * doubles[panels / 8 + place(row, k, size)]!;
        doubles[products / 8 + place(row, c, size)] = sum;
        const [i, j] = row < start ? [start + c, row] : [row, start + c];
        doubles[matrix / 8 + i * order + j] = -sum;
      }
    }
  }

  function update(
    from: number,
    to: number,
    start: number,
    size: number,
    matrix: number,
    order: number,
    products: number,
    panels: number,
  ): void {
    const within = (row: number): boolean => row >= start && row < start + size;
    for (let row = 4 * from; row < 4 * to; row++) {
      if (within(row)) continue;
      for (let column = 0; column <= row; column++) {
        if (within(column)) continue;
        let sum = 0;
        for (let k = 0; k < size; k++)
          sum += doubles[products / 8 + place(row, k, size)]! * doubles[panels / 8 + place(column, k, size)]!;
        doubles[matrix / 8 + row * order + column]! += sum;
      }
    }
  }

  return { countShared, pack, invertBlock, multiply, update };
}
