import { VERDICTS } from '../../src/analysis/report/report.ts';
import type { ListFilter, ListRow } from './model/listing.ts';
import { VERDICT_MARKS } from './model/mark.ts';

/** Filters of the list; the page keeps them in the address. */
export function ListFilters(props: {
  readonly rows: readonly ListRow[];
  readonly filter: ListFilter;
  readonly change: (filter: ListFilter) => void;
  readonly shown: number;
}) {
  const { rows, filter, change } = props;
  const owners = [...new Set(rows.map((row) => row.owner))].sort();
  return (
    <search>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Search
          <input
            type="search"
            value={filter.text}
            onInput={(event) => change({ ...filter, text: event.currentTarget.value })}
          />
        </label>
        <label>
          Owner
          <select
            value={filter.owner}
            onChange={(event) => change({ ...filter, owner: event.currentTarget.value })}
          >
            <option value="">all</option>
            {owners.map((owner) => (
              <option key={owner} value={owner}>
                {owner}
              </option>
            ))}
          </select>
        </label>
        <label>
          Verdict
          <select
            value={filter.verdict}
            onChange={(event) => change({ ...filter, verdict: event.currentTarget.value })}
          >
            <option value="">all</option>
            {VERDICTS.map((verdict) => (
              <option key={verdict} value={verdict}>
                {VERDICT_MARKS[verdict].word}
              </option>
            ))}
            <option value="none">none yet</option>
          </select>
        </label>
        <label class="tick">
          <input
            type="checkbox"
            checked={filter.needsHuman}
            onChange={(event) => change({ ...filter, needsHuman: event.currentTarget.checked })}
          />
          Needs a human
        </label>
        <output>
          {props.shown} of {rows.length}
        </output>
      </form>
    </search>
  );
}
