import type { Catalogue } from '../ranking/catalogue.ts';
import { sha256 } from './file-set.ts';
import type { Plot } from './plots.ts';
import { joinTitles } from './title-join.ts';

/** The catalogue with the plot and people of every title that is found among the plots; another version, for its content is another. */
export function withPlots(
  catalogue: Catalogue,
  plots: readonly Plot[],
): { catalogue: Catalogue; joined: number } {
  const titles = catalogue.names.map((name, row) => ({ name, year: catalogue.year[row]! }));
  const found = [...joinTitles(titles, plots)].map((row) => plots[row]);
  const told = {
    plots: found.map((plot) => plot?.text ?? ''),
    people: found.map((plot) => plot?.people ?? []),
  };
  const version = sha256(Buffer.from(`${catalogue.version} ${JSON.stringify(told)}`)).slice(0, 12);
  return {
    catalogue: { ...catalogue, version, ...told },
    joined: found.filter((plot) => plot !== undefined).length,
  };
}
