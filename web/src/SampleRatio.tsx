import { formatCount, formatP } from '../../src/analysis/report/format.ts';
import type { SampleRatioReport } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';

/** The split of units against the configured one: in all, at every look, and in each cut. */
export function SampleRatio({ result }: { readonly result: SampleRatioReport }) {
  const counts = result.arms.map(({ arm, units, expected }) => [
    `all units, ${arm}`,
    formatCount(units),
    formatCount(expected),
    '',
    '',
  ]);
  const cuts = result.cuts.map(({ by, value, p, pAdjusted }) => [
    `${by.replaceAll('_', ' ')}: ${value === '' ? '(unknown)' : value}`,
    '',
    '',
    formatP(p),
    formatP(pAdjusted),
  ]);
  return (
    <>
      <p class="lede">
        Sample ratio: chi-square {result.statistic?.toFixed(2) ?? 'n/a'}
        {result.df === null ? '' : `, ${result.df} df`}, p {formatP(result.p)}; watched every day, p{' '}
        {formatP(result.sequentialP)}
        {result.reason === undefined ? '' : `; ${result.reason}`}.
      </p>
      <DataTable
        caption="Sample ratio, in all and by cut (p corrected over the cuts)"
        head={['Units', 'Count', 'Expected', 'p', 'p adjusted']}
        rows={[...counts, ...cuts]}
      />
    </>
  );
}
