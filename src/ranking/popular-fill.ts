import { finishedTitles } from './finished-titles.ts';
import type { Models } from './models.ts';
import { popularTitles } from './orders.ts';
import { type Audience, allowedTitles, type Limits } from './rules.ts';
import type { Viewer } from './viewer.ts';

/**
 * Up to `count` titles for anyone: what trends, then everything else by popularity, without those already chosen, those that
 * may not be shown, and those the viewer finished. Where nothing but finished titles is left they fill the rest.
 */
export function popularFill(
  { catalogue, trending }: Pick<Models, 'catalogue' | 'trending'>,
  audience: Audience & { readonly viewer: Viewer },
  limits: readonly Limits[],
  count: number,
  chosen: ReadonlySet<number> = new Set(),
): Int32Array {
  const orders = [trending.order, popularTitles(trending)];
  const finished = finishedTitles(audience.viewer, catalogue);
  const isAllowed = allowedTitles(catalogue, audience, limits);
  const found = new Set<number>();
  for (const spared of [finished, new Set<number>()])
    for (const order of orders)
      for (let i = 0; i < order.length && found.size < count; i++) {
        const title = order[i]!;
        if (spared.has(title) || chosen.has(title) || found.has(title)) continue;
        if (isAllowed(title)) found.add(title);
      }
  return Int32Array.from(found);
}
