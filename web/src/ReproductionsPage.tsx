import { useEffect } from 'preact/hooks';
import type { ReproductionDocument } from '../../src/reproduce/document.ts';
import type { TableView } from '../../src/reproduce/table-view.ts';
import { introduction, tableViews } from '../../src/reproduce/table-views.ts';
import { LoadState } from './LoadState.tsx';
import { useLoaded } from './useLoaded.ts';

interface Reproductions {
  readonly reproductions: readonly ReproductionDocument[];
}

/** What `screentest reproduce` found, of every run in the database. */
export function ReproductionsPage() {
  const [state, retry] = useLoaded<Reproductions>('/v1/reproductions');
  useEffect(() => {
    document.title = 'The published test reproduced · Screentest';
  }, []);
  if (state.status !== 'loaded') return <LoadState state={state} what="reproductions" retry={retry} />;
  const { reproductions } = state.value;
  return (
    <div class="reproductions">
      <h1>The published test reproduced</h1>
      {reproductions.length === 0 && (
        <p class="empty">
          No run has ended in this database. <code>npx screentest reproduce</code> makes one.
        </p>
      )}
      {reproductions.map((one) => (
        <section key={one.environment} aria-label={one.environment}>
          <h2>{one.environment}</h2>
          {introduction(one).map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {tableViews(one).map((view) => (
            <Table key={view.title} view={view} />
          ))}
        </section>
      ))}
    </div>
  );
}

function Table({ view: { title, head, rows, notes } }: { readonly view: TableView }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={title}>
        <table>
          <thead>
            <tr>
              {head.map((name, column) => (
                <th key={column} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.join()}>
                {row.map((cell, column) =>
                  column === 0 ? (
                    <th key={column} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={column}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
    </section>
  );
}
