import type { Report } from '../../src/analysis/report/report.ts';
import { DecisionBox } from './DecisionBox.tsx';
import { Estimates } from './Estimates.tsx';
import { ExposurePanel } from './ExposurePanel.tsx';
import { HealthCards } from './HealthCards.tsx';
import { stateNotice } from './model/state-notice.ts';
import { Pipelines } from './Pipelines.tsx';
import { ReportHeader } from './ReportHeader.tsx';

/** One report, the verdict first and the evidence after it. */
export function ReportView({ report, path }: { readonly report: Report; readonly path: string }) {
  const notice = stateNotice(report);
  const counting = report.state === 'not-started' || report.state === 'collecting';
  return (
    <article class="report" data-state={report.state}>
      <ReportHeader report={report} path={path} />
      {notice !== null && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      <DecisionBox report={report} />
      {report.state !== 'not-started' && (
        <HealthCards cards={report.health} sampleRatio={report.sampleRatio} />
      )}
      {!counting && report.state !== 'invalid' && <Estimates report={report} />}
      {report.state === 'invalid' && (
        <details class="folded">
          <summary>Estimates withheld. Open them only to look for the fault.</summary>
          <Estimates report={report} />
        </details>
      )}
      {report.state !== 'not-started' && <ExposurePanel report={report} />}
      <Pipelines report={report} />
      <section aria-labelledby="declaration-title">
        <h2 id="declaration-title">Declaration</h2>
        <p class="lede">
          Iteration {report.experiment.iteration}; configuration <code>{report.configuration}</code>.
        </p>
        <details class="yaml">
          <summary>The YAML as reviewed</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{report.experiment.yaml}</pre>
        </details>
      </section>
    </article>
  );
}
