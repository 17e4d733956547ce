import type { IalsModel } from './models.ts';

/** Confidence that an interaction of this weight adds to that of a pair without one. */
export function confidenceOf(
  { alpha, least = 0, binary = false }: Pick<IalsModel, 'alpha' | 'least' | 'binary'>,
  weight: number,
): number {
  if (!(weight >= least)) return 0;
  return binary ? alpha : alpha * weight;
}

/** Penalty on the vector of a user, by the summed confidence of what they watched. */
export function penaltyOf({ regularisation, nu = 1, items, factors }: IalsModel, confidence: number): number {
  return regularisation * (1 + (confidence * factors) / items.length) ** nu;
}
