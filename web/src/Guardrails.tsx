import type { MetricReport } from '../../src/analysis/report/report.ts';
import { DataTable } from './DataTable.tsx';
import { GuardrailLine } from './GuardrailLine.tsx';
import { IntervalAxis } from './IntervalAxis.tsx';
import { GUARDRAIL_HEAD, guardrailTable } from './model/guardrail-table.ts';
import { guardrailRows, guardrailSummary } from './model/guardrails.ts';

const DOMAIN = [-3, 3] as const;
const TICKS = [0, 1];
const tick = (value: number) => (value === 0 ? '0' : 'margin');

/** Harm against the margin. Margins differ by metric, so the scale is in units of each one's own margin. */
export function Guardrails({ metrics }: { readonly metrics: readonly MetricReport[] }) {
  const rows = guardrailRows(metrics);
  const several = new Set(rows.map((row) => row.comparison.arm)).size > 1;
  return (
    <section aria-labelledby="guardrails-title">
      <h2 id="guardrails-title">Guardrails</h2>
      <p class="lede">
        {guardrailSummary(rows)} The scale is harm in units of each metric's margin; the hatched zone is harm
        beyond it.
      </p>
      <div class="forest">
        {rows.map((row, index) => (
          <GuardrailLine
            key={`${row.metric.key}|${row.comparison.arm}`}
            row={row}
            domain={DOMAIN}
            several={several}
            first={rows[index - 1]?.metric !== row.metric}
          />
        ))}
        <IntervalAxis
          domain={DOMAIN}
          ticks={TICKS}
          format={tick}
          ends={['← better than control', 'harm →']}
        />
      </div>
      <DataTable caption="Guardrails, all figures" head={GUARDRAIL_HEAD} rows={guardrailTable(rows)} />
    </section>
  );
}
