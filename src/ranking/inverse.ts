import { type Arena, arenaOf, bytesFor } from './kernels/arena.ts';
import { evenRanges } from './kernels/ranges.ts';
import { type OpenWorkspace, openWorkspace, type Workspace } from './kernels/workspace.ts';

/** Columns that are swept at once: 64 rows of them lie in the second-level cache, four in the first. */
const BLOCK = 128;
/** Rows of a panel: a tile of 4 x 4 sums is what the registers hold. */
const PANEL = 4;
/** Panels that one call of `update` brings up to date. */
const CALL_PANELS = 16;
/** Side of the squares that are mirrored at once. */
const SQUARE = 32;

/** A matrix in a workspace, and the room its inversion needs. */
export interface InverseRoom {
  /** Rows of the matrix, and their number with those that fill up the last panel: the distance of its rows. */
  readonly rows: number;
  readonly stride: number;
  /** stride x stride, row-major. */
  readonly matrix: Float64Array;
  readonly panels: Float64Array;
  readonly products: Float64Array;
  readonly square: Float64Array;
  readonly block: Float64Array;
  readonly status: Float64Array;
}

export function layInverse(arena: Arena, rows: number): InverseRoom {
  const stride = Math.ceil(rows / PANEL) * PANEL;
  return {
    rows,
    stride,
    matrix: arena.float64(stride * stride),
    panels: arena.float64(stride * BLOCK),
    products: arena.float64(stride * BLOCK),
    square: arena.float64(BLOCK * BLOCK),
    block: arena.float64(BLOCK * BLOCK),
    status: arena.float64(1),
  };
}

/**
 * The inverse of a symmetric positive definite matrix, in its place, by sweeping one block K of columns after the other,
 *
 *   A_KK <- -D, A_RK <- A_RK D, A_RR <- A_RR - A_RK D A_KR   with D = A_KK^-1 and R the other rows,
 *
 * which leaves minus the inverse once every block is swept. It takes the n^3 / 2 multiplications of a Cholesky factorisation with the
 * inverse made of it, but all of them in one product per block, whose rows are independent; the pivots within a block are the squares
 * of Cholesky's. The result does not depend on the number of threads.
 *
 * Papers: Goodnight 1979, "A Tutorial on the SWEEP Operator"; Goto and van de Geijn 2008 (packed panels for a product).
 *
 * @param room     only the lower triangle is read; overwritten by the whole inverse
 * @param progress called with the share done, in (0, 1]
 * @throws RangeError when the matrix is not positive definite
 */
export function invertInPlace(
  workspace: Workspace,
  room: InverseRoom,
  progress: (share: number) => void = () => {},
): void {
  const { rows, stride, matrix } = room;
  for (let row = rows; row < stride; row++) {
    matrix.fill(0, row * stride, row * stride + row);
    matrix[row * stride + row] = 1;
  }
  room.status[0] = -1;
  for (let start = 0; start < stride; start += BLOCK) {
    sweep(workspace, room, start, Math.min(BLOCK, stride - start));
    progress(Math.min(1, (start + BLOCK) / stride));
  }
  mirror(room);
}

function sweep(workspace: Workspace, room: InverseRoom, start: number, size: number): void {
  const { stride } = room;
  const [matrix, panels, products, square, block, status] = [
    ...[room.matrix, room.panels, room.products],
    ...[room.square, room.block, room.status],
  ].map((array) => array.byteOffset) as [number, number, number, number, number, number];
  const panelCount = stride / PANEL;
  const shares = evenRanges(panelCount, 8 * workspace.threads);
  workspace.run('invertBlock', [[start, size, matrix, stride, square, block, status]]);
  if (room.status[0]! >= 0)
    throw new RangeError(`row ${room.status[0]} of the matrix is not positive definite; regularise it`);
  workspace.run(
    'pack',
    shares.map(([from, to]) => [from, to, start, size, matrix, stride, panels]),
  );
  workspace.run(
    'multiply',
    shares.map(([from, to]) => [from, to, start, size, matrix, stride, panels, block, products]),
  );
  // The longest rows first, so that no thread is left alone with them.
  const parts = evenRanges(panelCount, Math.ceil(panelCount / CALL_PANELS)).reverse();
  workspace.run(
    'update',
    parts.map(([from, to]) => [from, to, start, size, matrix, stride, products, panels]),
  );
}

/** Turns the sign of the lower triangle and copies it into the upper one. */
function mirror({ stride, matrix }: InverseRoom): void {
  for (let top = 0; top < stride; top += SQUARE)
    for (let left = 0; left <= top; left += SQUARE)
      for (let row = top; row < Math.min(stride, top + SQUARE); row++)
        for (let column = left; column <= Math.min(row, left + SQUARE - 1); column++) {
          const value = -matrix[row * stride + column]!;
          matrix[row * stride + column] = value;
          matrix[column * stride + row] = value;
        }
}

/**
 * The same for a matrix that lies elsewhere, n x n and row-major, by way of a workspace of its own.
 *
 * @throws RangeError when the matrix is not positive definite, or memory is short
 */
export function invertPositiveDefinite(
  matrix: Float64Array,
  n: number,
  progress: (share: number) => void = () => {},
  open: OpenWorkspace = openWorkspace,
): void {
  const lay = (arena: Arena): InverseRoom => layInverse(arena, n);
  const workspace = open(bytesFor(lay));
  try {
    const room = lay(arenaOf(workspace.buffer));
    for (let row = 0; row < n; row++)
      room.matrix.set(matrix.subarray(row * n, row * n + row + 1), row * room.stride);
    invertInPlace(workspace, room, progress);
    for (let row = 0; row < n; row++)
      matrix.set(room.matrix.subarray(row * room.stride, row * room.stride + n), row * n);
  } finally {
    workspace.close();
  }
}
