import { ITEM_WIDTH, PAIR_WIDTH, USER_WIDTH } from '../../src/ranking/features.ts';
import { generator, normal } from '../../src/ranking/generator.ts';
import type { TowerExamples } from '../../src/ranking/tower-examples.ts';

/**
 * A problem in which users like what matches them: the logit is -1 + 2 <Ax, By> over random projections of the user and
 * item features to two dimensions, plus half the first pair feature. No feature says much by itself, so that a model
 * without interactions must do badly. Examples are in the order of time.
 */
export function matchingProblem(count: number, titles: number, seed: number): TowerExamples {
  const random = generator(seed);
  const bits = (size: number, share: number): Float32Array =>
    Float32Array.from({ length: size }, () => (random() < share ? 1 : 0));
  const moments = Math.ceil(count / 8);
  const users = bits(moments * USER_WIDTH, 0.2);
  const items = bits(titles * ITEM_WIDTH, 0.2);
  const left = Float64Array.from(
    { length: USER_WIDTH * 2 },
    () => normal(random) / Math.sqrt(0.16 * USER_WIDTH),
  );
  const right = Float64Array.from(
    { length: ITEM_WIDTH * 2 },
    () => normal(random) / Math.sqrt(0.16 * ITEM_WIDTH),
  );
  const centre = (
    rows: Float32Array,
    row: number,
    matrix: Float64Array,
    width: number,
    d: number,
  ): number => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (rows[row * width + i]! - 0.2) * matrix[2 * i + d]!;
    return sum;
  };
  const userRows = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 8));
  const rows = Int32Array.from({ length: count }, () => Math.floor(random() * titles));
  const pairs = Float32Array.from({ length: count * PAIR_WIDTH }, () => normal(random));
  const labels = Uint8Array.from(rows, (title, i) => {
    let match = 0;
    for (const d of [0, 1]) {
      match += centre(users, userRows[i]!, left, USER_WIDTH, d) * centre(items, title, right, ITEM_WIDTH, d);
    }
    const logit = -1 + 2 * match + 0.5 * pairs[i * PAIR_WIDTH]!;
    return random() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  const viewers = userRows;
  return {
    count,
    users,
    userRows,
    viewers,
    titles: rows,
    pairs,
    labels,
    items,
    catalogue: 'test',
    itemSources: [],
  };
}
