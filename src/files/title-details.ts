import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTextEncoder } from '../onnx/text-encoder.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import { plainOrGzip } from './csv.ts';
import { fingerprint } from './fingerprint.ts';
import { InvalidInput } from './invalid-input.ts';
import { readPlots } from './plots.ts';
import { ruleNote, TITLE_RULES, withTitleRules } from './title-rules.ts';
import { withPlots } from './with-plots.ts';

/** Where more is said of titles than the ratings' files do. */
export interface TitleDetails {
  /** Folder with plots and cast, joined by name and year. */
  readonly plots?: string;
  /** CSV file of arrivals, availability, maturity and tags; absent: `titles.csv` of the folder of ratings, where there is one. */
  readonly titles?: string;
  /** Folder of a text-embedding model. */
  readonly textModel?: string;
}

/**
 * The catalogue with its details, and what to tell of them.
 *
 * @param dataFolder of the ratings; undefined for the invented world
 * @param train whether models are about to be trained: only then are texts embedded, for the vectors are part of the models
 * @throws InvalidInput about the files, naming file, line and mend
 */
export async function withDetails(
  catalogue: Catalogue,
  { plots, titles, textModel }: TitleDetails,
  dataFolder: string | undefined,
  train: boolean,
  progress: (step: string, share: number) => void,
): Promise<{ catalogue: Catalogue; notes: readonly string[] }> {
  const notes: string[] = [];
  let detailed = catalogue;
  if (plots !== undefined) {
    if (dataFolder === undefined)
      throw new InvalidInput('--plots tells of real titles: give --data <folder> too');
    const told = withPlots(detailed, await readPlots(plots));
    detailed = told.catalogue;
    notes.push(
      `Plots: found for ${told.joined.toLocaleString('en')} of ${catalogue.size.toLocaleString('en')} titles by name and year`,
    );
  }
  const beside = dataFolder === undefined ? undefined : plainOrGzip(join(dataFolder, TITLE_RULES));
  const rules = titles ?? beside;
  if (rules !== undefined) {
    if (!existsSync(rules)) throw new InvalidInput(`${rules}: is missing; give --titles a CSV file`);
    detailed = await withTitleRules(detailed, rules);
    notes.push(ruleNote(rules, detailed));
  }
  if (textModel !== undefined) {
    const encoder = await loadTextEncoder(textModel);
    try {
      if (train) {
        const textVectors = await encoder.encode(textsOf(detailed), (done, total) =>
          progress('text model', done / total),
        );
        detailed = { ...detailed, textVectors };
      }
    } finally {
      await encoder.close();
    }
    notes.push(`Text model: ${textModel}, up to ${encoder.longest} tokens of each title`);
  }
  return { catalogue: detailed, notes };
}

/** What of a folder of ratings decides the models; rules of titles do not. */
export function dataKey(folder: string): Promise<string[]> {
  return fingerprint(folder, [TITLE_RULES, `${TITLE_RULES}.gz`]);
}

/** What of the details decides the models. */
export async function detailsKey({ plots, textModel }: TitleDetails): Promise<Record<string, string[]>> {
  return {
    ...(plots === undefined ? {} : { plots: await fingerprint(plots) }),
    ...(textModel === undefined ? {} : { textModel: await fingerprint(textModel) }),
  };
}

/** What a text model reads of a title: its name, genres and people, and what it is about, the plot where there is one. */
function textsOf(catalogue: Catalogue): string[] {
  return catalogue.names.map((name, title) => {
    const mask = catalogue.genreMask[title]!;
    const genres = catalogue.genres.filter((_, genre) => (mask >>> genre) & 1);
    const parts = [
      catalogue.year[title]! > 0 ? `${name} (${catalogue.year[title]})` : name,
      genres.join(', '),
      catalogue.plots?.[title] || catalogue.text[title]!,
      (catalogue.people?.[title] ?? []).join(', '),
    ];
    return parts.filter((part) => part !== '').join('. ');
  });
}
