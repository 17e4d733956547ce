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
    const [user, title, weight] = [users[entry]!, rows[entry]!, weights[entry]!];
    const where = `interaction ${entry} (user row ${user}, title row ${title})`;
    if (!(user >= 0 && user < userCount))
      throw new RangeError(`${where}: there are ${userCount} users; count them all in userCount`);
    if (!(title >= 0 && title < titles))
      throw new RangeError(
        `${where}: there are ${titles} titles; leave out what the catalogue does not have`,
      );
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new RangeError(`${where}: its weight is ${weight}; a weight is a finite number, 0 or more`);
  }
}
