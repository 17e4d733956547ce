import type { Command } from 'commander';
import type { TitleDetails } from '../files/title-details.ts';

/** Options of every command that reads ratings. */
export interface DataOptions {
  readonly data?: string;
  readonly plots?: string;
  readonly titles?: string;
  readonly textModel?: string;
}

export function withDataOptions(command: Command): Command {
  return command
    .option(
      '--data <folder>',
      'real ratings instead of the invented world: a folder in a format of MovieLens or MovieTweetings',
    )
    .option('--plots <folder>', 'plots and cast of real titles, joined by name and year: movies.jsonl')
    .option(
      '--titles <file>',
      'CSV of arrivals, availability, maturity and tags; default: titles.csv of the data, where it is',
    )
    .option(
      '--text-model <folder>',
      'text-embedding model for content similarity: model.onnx, tokenizer.json',
    );
}

export function detailsOf({ plots, titles, textModel }: DataOptions): TitleDetails {
  return {
    ...(plots === undefined ? {} : { plots }),
    ...(titles === undefined ? {} : { titles }),
    ...(textModel === undefined ? {} : { textModel }),
  };
}
