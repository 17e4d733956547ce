import { formatLift, formatLiftInterval } from '../../src/analysis/format.ts';
import { IntervalPlot } from './IntervalPlot.tsx';
import { MarkWord } from './MarkWord.tsx';
import type { ListRow } from './model/listing.ts';
import { HEALTH_MARKS, VERDICT_MARKS } from './model/mark.ts';

/** One experiment of the list. */
export function ExperimentLine(props: { readonly row: ListRow; readonly domain: readonly [number, number] }) {
  const { row } = props;
  const relative = row.primary?.comparison.relative;
  return (
    <li class="experiment" data-key={row.key}>
      <div class="experiment-name">
        <h3>
          <a href={`/experiments/${encodeURIComponent(row.key)}`}>{row.key}</a>
        </h3>
        <p class="muted">{row.owner}</p>
        <p class="muted">
          {row.state.replaceAll('-', ' ')} · day {row.day} of {row.plannedDays}
        </p>
      </div>
      <div class="experiment-verdict">
        <p class="label">Verdict</p>
        {row.verdict === null ? (
          <span class="mark inconclusive">none yet</span>
        ) : (
          <MarkWord mark={VERDICT_MARKS[row.verdict]} />
        )}
        <p class="next">{row.nextAction}</p>
      </div>
      <div class="experiment-primary">
        <p class="label">{row.primary === null ? 'Primary metric' : row.primary.metric.name}</p>
        {row.primary === null ? (
          <p class="muted">
            {row.verdict === 'invalid'
              ? 'withheld'
              : row.design === 'interleaving'
                ? 'see the preference'
                : 'no estimate yet'}
          </p>
        ) : (
          <>
            <IntervalPlot shape={row.primary.shape} tone={row.primary.mark.tone} domain={props.domain} />
            <p class="interval">
              {relative?.ok ? (
                <>
                  <span aria-hidden="true">{row.primary.mark.symbol} </span>
                  {formatLift(relative.estimate)} {formatLiftInterval(relative.interval)}
                </>
              ) : (
                row.primary.reason
              )}
            </p>
          </>
        )}
      </div>
      <div class="experiment-checks">
        <p>
          <span class="label">Worst guardrail</span>
          {row.guardrail === null ? (
            <span class="muted">{row.verdict === 'invalid' ? 'withheld' : 'none'}</span>
          ) : (
            <>
              <MarkWord mark={row.guardrail.mark} /> <span class="muted">{row.guardrail.metric.name}</span>
              {row.guardrail.guardrail.limit?.holds === false && <span> over its limit</span>}
            </>
          )}
        </p>
        <p>
          <span class="label">Health</span>
          <MarkWord mark={HEALTH_MARKS[row.health.status]} /> <span class="muted">{row.health.words}</span>
        </p>
      </div>
    </li>
  );
}
