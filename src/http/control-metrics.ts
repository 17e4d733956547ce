import { Gauge, type Registry } from 'prom-client';
import type { StatesStats } from '../control/live-states.ts';

/** What is in force of operators' decisions, read when asked. */
export function registerControlMetrics(registry: Registry, stats: () => StatesStats): void {
  // Of several processes of a server, the one that knows least counts.
  const gauge = (
    name: string,
    help: string,
    value: (stats: StatesStats) => number,
    aggregator: 'min' | 'max' = 'max',
  ): void => {
    new Gauge({
      aggregator,
      name: `screentest_states_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(stats()));
      },
    });
  };
  gauge('version', 'Version of the newest decision in force that the database told', (s) => s.version, 'min');
  gauge('pending', 'Stops in force that the database does not have yet', (s) => s.pending);
  gauge('silent_seconds', 'Time since the database last told the states; NaN where it never did', (s) =>
    s.silentMs === undefined ? Number.NaN : s.silentMs / 1000,
  );
  gauge('database_behind', '1 while the database tells of fewer decisions than are in force', (s) =>
    Number(s.databaseBehind),
  );
  gauge('damaged_files', 'Files of states that were damaged and are not used', (s) => s.damagedFiles);
}
