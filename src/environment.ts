import { basename } from 'node:path';

/**
 * Simulated rows never mix: each world under each set of declarations has an environment of its own, so that a start with
 * other viewers, another seed, other titles or a changed experiment begins with an empty log. Logs name titles by their row, so
 * the catalogue takes part: folders of one name, or one folder at two times, may hold different ones.
 *
 * An environment with a name lasts while declarations change; the catalogue takes part in it all the same.
 *
 * @param settings `dataFolder` is undefined for the invented world
 */
export function environmentOf(
  settings: {
    readonly dataFolder: string | undefined;
    readonly viewers: number;
    readonly seed: number;
    readonly environment?: string;
  },
  declarations: { readonly version: string },
  catalogue: { readonly version: string; readonly size: number },
): string {
  const { dataFolder, viewers, seed, environment } = settings;
  if (environment !== undefined) return `${environment}-${catalogue.version.slice(0, 8)}`;
  const world =
    dataFolder === undefined
      ? `${viewers}-${catalogue.size}`
      : `${basename(dataFolder)}-${catalogue.version.slice(0, 8)}`;
  return `demo-${world}-${seed}-${declarations.version.slice(0, 8)}`;
}
