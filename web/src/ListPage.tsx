import { useEffect, useMemo, useState } from 'preact/hooks';
import { ExperimentLine } from './ExperimentLine.tsx';
import { ListFilters } from './ListFilters.tsx';
import { LoadState } from './LoadState.tsx';
import {
  filterOf,
  filterRows,
  type ListedExperiment,
  type ListFilter,
  listRows,
  queryOf,
} from './model/listing.ts';
import { sharedDomain } from './model/scale.ts';
import { useLoaded } from './useLoaded.ts';

interface Listing {
  readonly experiments: readonly ListedExperiment[];
}

export function ListPage() {
  const [state, retry] = useLoaded<Listing>('/v1/experiments');
  const [filter, setFilter] = useState<ListFilter>(() => filterOf(location.search));
  const rows = useMemo(() => (state.status === 'loaded' ? listRows(state.value.experiments) : []), [state]);
  const shown = filterRows(rows, filter);
  const domain = sharedDomain(
    rows.flatMap((row) => (row.primary?.scale === 'lift' && row.primary.shape ? [row.primary.shape] : [])),
  );

  useEffect(() => {
    document.title = 'Experiments · Screentest';
  }, []);

  if (state.status !== 'loaded') return <LoadState state={state} what="experiments" retry={retry} />;

  const change = (next: ListFilter) => {
    setFilter(next);
    history.replaceState(null, '', `${location.pathname}${queryOf(next)}`);
  };
  const waiting = shown.filter((row) => row.needsHuman);
  const running = shown.filter((row) => !row.needsHuman);
  return (
    <div class="list">
      <h1>Experiments</h1>
      {rows.length === 0 ? (
        <p class="empty">
          No experiment is declared. Put one into <code>experiments/</code> and check it with{' '}
          <code>npx screentest validate</code>.
        </p>
      ) : (
        <ListFilters rows={rows} filter={filter} change={change} shown={shown.length} />
      )}
      {rows.length > 0 && shown.length === 0 && <p class="empty">No experiment matches these filters.</p>}
      {[
        { title: 'Needs a human', rows: waiting },
        { title: 'Running by itself', rows: running },
      ].map(
        (group) =>
          group.rows.length > 0 && (
            <section key={group.title} aria-label={group.title}>
              <h2>
                {group.title} <span class="muted">{group.rows.length}</span>
              </h2>
              <ul class="experiments">
                {group.rows.map((row) => (
                  <ExperimentLine key={row.key} row={row} domain={domain} />
                ))}
              </ul>
            </section>
          ),
      )}
    </div>
  );
}
