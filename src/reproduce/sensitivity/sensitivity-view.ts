import type { TableView } from '../table-view.ts';
import type { Needed, SensitivityTable } from './sensitivity-table.ts';

/** Table 5, a line for each click model and metric. */
export function sensitivityView(table: SensitivityTable): TableView {
  const { control, treatment, viewers, days, power, alpha, resamples, rows } = table;
  return {
    title: '5. Sensitivity of interleaving',
    head: [
      'click model',
      'A/B metric',
      'effect',
      'users, A/B',
      'preference',
      'users, interleaving',
      'ratio',
      'published',
    ],
    rows: rows.flatMap(({ clickModel, tests, interleaving }) =>
      tests.map(({ metric, effect, needed, ratio }) => [
        clickModel,
        metric,
        `${effect < 0 ? '-' : '+'}${Math.abs(100 * effect).toFixed(2)} %`,
        shown(needed, 0),
        `${(100 * interleaving.preferred).toFixed(1)} % of ${(100 * interleaving.decided).toFixed(0)} %`,
        shown(interleaving.needed, 0),
        shown(ratio, 1),
        '10 to 500',
      ]),
    ),
    notes: [
      `${treatment} against ${control} on the homepage, ${days} days, ${100 * power} % power, alpha ${100 * alpha} %: users of both arms by the planner, from the difference and the spread that ${count(viewers)} viewers showed who lived through both arms; users of interleaved lists by the sign test that judges them, from the preference of the same viewers.`,
      `In brackets 95 % of ${count(resamples)} bootstraps over viewers: the error of having measured on so few. An open end says that the measured effect may be chance.`,
    ],
  };
}

const count = (value: number): string => Math.round(value).toLocaleString('en');

function shown({ users, low, high }: Needed, digits: number): string {
  const text = (value: number | null) =>
    value === null ? 'none' : digits === 0 ? count(Math.ceil(value)) : value.toFixed(digits);
  return `${text(users)} [${text(low)}, ${high === null ? 'open' : text(high)}]`;
}
