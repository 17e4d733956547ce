import type { Report } from '../../src/analysis/report/report.ts';
import { targetOf } from './model/anchor.ts';
import { VERDICT_MARKS } from './model/mark.ts';

/** The verdict and every clause of the declared rule, each with its number and a link to where it comes from. */
export function DecisionBox({ report }: { readonly report: Report }) {
  const { verdict } = report;
  const waiting = report.state === 'not-started' || report.state === 'collecting';
  const mark = VERDICT_MARKS[verdict.decision];
  return (
    <section class={`decision ${waiting ? 'inconclusive' : mark.tone}`} aria-labelledby="verdict">
      <div class="verdict">
        <span class="verdict-symbol" aria-hidden="true">
          {waiting ? '◇' : mark.symbol}
        </span>
        <div>
          <p class="eyebrow">Verdict</p>
          <h2 id="verdict" data-verdict={verdict.decision}>
            {waiting ? 'No verdict yet' : mark.word}
            {!waiting && verdict.variant !== null && <span class="variant"> {verdict.variant}</span>}
          </h2>
        </div>
        <p class="verdict-summary">{verdict.summary}</p>
      </div>
      {verdict.reasons.length > 0 && (
        <ul class="clauses">
          {verdict.reasons.map((reason) => {
            const target = targetOf(report, reason);
            const [symbol, word] =
              reason.holds === null ? ['◇', 'open'] : reason.holds ? ['✓', 'holds'] : ['✕', 'does not hold'];
            return (
              <li key={`${reason.clause}|${reason.text}`} data-holds={String(reason.holds)}>
                <span class="holds">
                  <span aria-hidden="true">{symbol}</span> {word}
                </span>
                <span class="clause">{reason.clause}</span>
                <span class="clause-text">
                  {reason.text} {target !== null && <a href={`#${target.anchor}`}>See {target.name}</a>}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
