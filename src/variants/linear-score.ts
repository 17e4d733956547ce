import { addNormalised } from '../ranking/blend.ts';
import type { Catalogue } from '../ranking/catalogue.ts';
import { type Figure, readFigure } from './figures.ts';
import { neededItemModels } from './needed-models.ts';
import { perCatalogue } from './selection.ts';
import type { Stage } from './stage.ts';

/** What titles are worth to the business, by what names them. */
export interface BusinessValues {
  readonly titles?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, number>>;
}

/** The sum over the figures of weight x the figure scaled to [0, 1] over the candidates; a figure that is the same for all adds nothing. */
export function scoreByFigures(
  weights: Readonly<Partial<Record<Figure, number>>>,
  values: BusinessValues,
): Stage['run'] {
  const terms = Object.entries(weights).filter(([, weight]) => weight !== 0) as [Figure, number][];
  const business = perCatalogue((catalogue) => businessValues(values, catalogue));
  const needTheirModels = neededItemModels(weights);
  let figure = new Float32Array(0);
  let sum = new Float32Array(0);
  return (batch, models) => {
    needTheirModels(models);
    for (const work of batch) {
      const { score, count } = work.candidates;
      if (figure.length < count) {
        figure = new Float32Array(count);
        sum = new Float32Array(count);
      }
      sum.fill(0, 0, count);
      for (const [name, weight] of terms) {
        readFigure(figure, name, work, models, business(models.catalogue));
        addNormalised(sum, figure, count, weight);
      }
      score.set(sum.subarray(0, count));
    }
  };
}

function businessValues({ titles = {}, tags = {} }: BusinessValues, catalogue: Catalogue): Float32Array {
  const values = new Float32Array(catalogue.size);
  for (const [id, value] of Object.entries(titles)) {
    const row = catalogue.rowOf.get(id);
    if (row !== undefined) values[row] = value;
  }
  catalogue.tags?.forEach((own, row) => {
    for (const tag of own) if (Object.hasOwn(tags, tag)) values[row] = values[row]! + tags[tag]!;
  });
  return values;
}
