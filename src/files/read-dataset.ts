import type { Dataset } from './dataset.ts';
import { isMovieTweetings, readMovieTweetings } from './movie-tweetings.ts';
import { readMovieLens } from './movielens.ts';

/** Reads a folder of ratings, whichever of the known formats its files have. @throws DataFileError about the files */
export async function readDataset(folder: string): Promise<Dataset> {
  return isMovieTweetings(folder) ? readMovieTweetings(folder) : readMovieLens(folder);
}
