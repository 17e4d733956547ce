import type { Report } from '../../src/analysis/report/report.ts';
import { stageViews } from './model/pipeline.ts';

/** What each variant runs, stage by stage. */
export function Pipelines({ report }: { readonly report: Report }) {
  const { variants, control } = report.experiment;
  const total = variants.reduce((sum, variant) => sum + variant.weight, 0);
  const reference = variants.find((variant) => variant.key === control)?.pipeline ?? null;
  return (
    <section aria-labelledby="pipelines-title">
      <h2 id="pipelines-title">Pipelines</h2>
      <div class="pipelines">
        {variants.map((variant) => (
          <div key={variant.key} class="pipeline">
            <h3>
              {variant.key}
              <span class="muted">
                {' '}
                {Number(((100 * variant.weight) / total).toFixed(2))} %
                {variant.key === control && ' · control'}
              </span>
            </h3>
            {variant.pipeline === null ? (
              <p class="empty">The surface's default pipeline.</p>
            ) : (
              <ol>
                {stageViews(variant.pipeline, reference).map((stage) => (
                  <li key={stage.stage} class={stage.differs ? 'differs' : ''}>
                    <strong>{stage.stage}</strong>
                    {stage.differs && <span class="chip">differs</span>}
                    {stage.parameters.length > 0 && (
                      <dl>
                        {stage.parameters.map(({ name, value }) => (
                          <div key={name}>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                          </div>
                        ))}
                      </dl>
                    )}
                  </li>
                ))}
              </ol>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
