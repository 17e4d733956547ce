import type { Moments } from '../../analysis/aggregates.ts';
import type { MetricDeclaration } from '../../declarations.ts';

/** Exact sums over units with the same number of weeks: a mean per week divides them only afterwards. */
export interface Sums {
  readonly weeks: number;
  readonly n: number;
  readonly y: number;
  readonly yy: number;
  readonly x: number;
  readonly xx: number;
  readonly xy: number;
  /** Units above the cap, and the sum of their x: their y is the cap. */
  readonly capped: number;
  readonly cappedX: number;
}

/** A total with a row added (sign 1) or taken away (-1). */
export function add<Total extends Sums>(total: Total | undefined, row: Total, sign: 1 | -1): Total {
  return {
    ...row,
    n: (total?.n ?? 0) + sign * row.n,
    y: (total?.y ?? 0) + sign * row.y,
    yy: (total?.yy ?? 0) + sign * row.yy,
    x: (total?.x ?? 0) + sign * row.x,
    xx: (total?.xx ?? 0) + sign * row.xx,
    xy: (total?.xy ?? 0) + sign * row.xy,
    capped: (total?.capped ?? 0) + sign * row.capped,
    cappedX: (total?.cappedX ?? 0) + sign * row.cappedX,
  };
}

/** In display units; `rows` differ in their weeks. */
export function moments(rows: readonly Sums[], metric: MetricDeclaration, cap: number | null): Moments {
  const c = (cap ?? 0) * metric.scale;
  let [n, y, yy, x, xx, xy] = [0, 0, 0, 0, 0, 0];
  for (const row of rows) {
    const unit = metric.scale / row.weeks;
    n += row.n;
    y += row.y * unit + row.capped * c;
    yy += row.yy * unit * unit + row.capped * c * c;
    x += row.x;
    xx += row.xx;
    xy += row.xy * unit + row.cappedX * c;
  }
  return { n, y, yy, x, xx, xy };
}
