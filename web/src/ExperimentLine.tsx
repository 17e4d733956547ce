import { IntervalPlot } from './IntervalPlot.tsx';
import { MarkWord } from './MarkWord.tsx';
import type { ListRow } from './model/listing.ts';
import { HEALTH_MARKS, VERDICT_MARKS } from './model/mark.ts';
import { sharedDomain } from './model/scale.ts';

/** One experiment of the list. */
export function ExperimentLine(props: { readonly row: ListRow; readonly domain: readonly [number, number] }) {
  const { row } = props;
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
        <p class="label">{row.primary?.name ?? 'Primary metric'}</p>
        {row.primary === null ? (
          <p class="muted">{row.verdict === 'invalid' ? 'withheld' : 'no estimate yet'}</p>
        ) : (
          <>
            <IntervalPlot
              shape={row.primary.shape}
              tone={row.primary.mark.tone}
              domain={
                row.primary.scale === 'lift'
                  ? props.domain
                  : sharedDomain(row.primary.shape ? [row.primary.shape] : [])
              }
            />
            <p>
              <span aria-hidden="true">{row.primary.mark.symbol}</span> {row.primary.text}
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
