import { Counter, Gauge, type Registry } from 'prom-client';
import type { ServerParts } from './parts.ts';

type Stats = ReturnType<NonNullable<ServerParts['control']>>;

/** What is in force of operators' decisions, of declarations and of models, read when asked. */
export function registerControlMetrics(registry: Registry, stats: () => Stats): void {
  // Of several processes of a server, the one that knows least counts.
  const gauge = (
    name: string,
    help: string,
    value: (stats: Stats) => number,
    aggregator: 'min' | 'max' = 'max',
  ): void => {
    new Gauge({
      aggregator,
      name: `screentest_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(stats()));
      },
    });
  };
  gauge(
    'states_version',
    'Version of the newest decision in force that the database told',
    ({ states: s }) => s.version,
    'min',
  );
  gauge('states_pending', 'Stops in force that the database does not have yet', ({ states: s }) => s.pending);
  gauge(
    'states_silent_seconds',
    'Time since the database last told the states; NaN where it never did',
    ({ states: s }) => (s.silentMs === undefined ? Number.NaN : s.silentMs / 1000),
  );
  gauge(
    'states_database_behind',
    '1 while the database tells of fewer decisions than are in force',
    ({ states: s }) => Number(s.databaseBehind),
  );
  gauge(
    'states_damaged_files',
    'Files of states that were damaged and are not used',
    ({ states: s }) => s.damagedFiles,
  );
  gauge(
    'configuration_generation',
    'Grows with each set of declarations taken',
    (s) => s.configuration.generation,
    'min',
  );
  gauge('models_generation', 'Grows with each swap of models', ({ models }) => models.generation, 'min');
  gauge('models_behind', '1 while a process cannot serve models that another one took', ({ models }) =>
    Number(models.behind),
  );
  new Counter({
    name: 'screentest_model_swaps_refused_total',
    help: 'Models that were asked for and not taken',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(stats().models.refusals);
    },
  });
  new Gauge({
    aggregator: 'max',
    name: 'screentest_models_served',
    help: '1 for the version of the models served',
    labelNames: ['version'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ version: stats().models.version }, 1);
    },
  });
  gauge('configuration_refused', '1 while the folder of the declarations is not what is served', (s) =>
    Number(s.configuration.refused),
  );
}
