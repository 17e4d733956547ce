import type { Interactions } from './catalogue.ts';

/**
 * Refuses what no model can be trained on, before it shows as a NaN in a vector.
 *
 * @param titles size of the catalogue
 * @throws RangeError naming the interaction and the mend
 */
export function checkInteractions(
  { count, users, titles: rows, weights, userCount }: Interactions,
  titles: number,
): void {
  for (let entry = 0; entry < count; entry++) {
    const user = users[entry]!;
    const title = rows[entry]!;
    const weight = weights[entry]!;
    let wrong = '';
    if (!(user >= 0 && user < userCount)) wrong = `there are ${userCount} users; count them all in userCount`;
    else if (!(title >= 0 && title < titles))
      wrong = `there are ${titles} titles; leave out what the catalogue does not have`;
    else if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      wrong = `its weight is ${weight}; a weight is a finite number, 0 or more`;
    if (wrong !== '')
      throw new RangeError(`interaction ${entry} (user row ${user}, title row ${title}): ${wrong}`);
  }
}
