import type { Loaded } from './model/load.ts';

/** What a page shows instead of data: loading, none yet, timed out, or failed. Never an empty page. */
export function LoadState(props: {
  readonly state: Exclude<Loaded<unknown>, { status: 'loaded' }>;
  readonly what: string;
  readonly retry: () => void;
}) {
  const { state, what } = props;
  if (state.status === 'loading')
    return (
      <section class="state" aria-busy="true">
        <p role="status">Loading {what} …</p>
      </section>
    );
  const again = (
    <button type="button" onClick={props.retry}>
      Try again
    </button>
  );
  if (state.status === 'absent')
    return (
      <section class="state">
        <h1>No {what}</h1>
        <p>{state.message}</p>
        {again}
      </section>
    );
  return (
    <section class="state failed" role="alert">
      <h1>{state.status === 'timed-out' ? `Timed out: ${what}` : `Could not load ${what}`}</h1>
      <p>
        {state.status === 'timed-out'
          ? `No answer within ${state.seconds} seconds. This says nothing about the data: it may well be there.`
          : state.message}
      </p>
      {again}
    </section>
  );
}
