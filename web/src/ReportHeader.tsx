import { formatInstant } from '../../src/analysis/report/format.ts';
import type { Report } from '../../src/analysis/report/report.ts';
import { formatDay } from './model/format.ts';
import { STATE_WORDS } from './model/mark.ts';

export function ReportHeader({ report, path }: { readonly report: Report; readonly path: string }) {
  const { experiment } = report;
  return (
    <header class="report-header">
      <p class="eyebrow">
        {experiment.design === 'ab' ? 'A/B test' : 'Interleaving test'}
        {experiment.surface !== null && <> on {experiment.surface}</>} · {experiment.owner} · environment{' '}
        {report.environment}
      </p>
      <h1>{experiment.key}</h1>
      <p class="hypothesis">{experiment.hypothesis}</p>
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>{STATE_WORDS[report.state]}</dd>
        </div>
        <div>
          <dt>Day</dt>
          <dd>
            {report.day} of planned {report.plannedDays}
            <progress
              max={report.plannedDays}
              value={Math.min(report.day, report.plannedDays)}
              aria-hidden="true"
            />
          </dd>
        </div>
        <div>
          <dt>Enrolment</dt>
          <dd>
            {formatDay(report.start)} – {formatDay(report.end)}
          </dd>
        </div>
        <div>
          <dt>Observed until</dt>
          <dd>{formatDay(report.observeUntil)}</dd>
        </div>
        <div>
          <dt>Data cut-off</dt>
          <dd>
            <time dateTime={report.cutoff}>{formatInstant(report.cutoff)}</time>
          </dd>
        </div>
        <div>
          <dt>This report as</dt>
          <dd>
            <a href={path}>JSON</a> · <a href={`${path}?format=markdown`}>Markdown</a> ·{' '}
            <a href={`${path}?format=csv`}>CSV</a>
          </dd>
        </div>
      </dl>
    </header>
  );
}
