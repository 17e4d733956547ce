import { Counter, Gauge, type Registry } from 'prom-client';
import type { SpoolStats } from '../journal/spooled-log.ts';

/** What the local journal holds and did, read when asked. */
export function registerSpoolMetrics(registry: Registry, stats: () => SpoolStats): void {
  const registers = [registry];
  const gauge = (
    name: string,
    help: string,
    value: (stats: SpoolStats) => number,
    aggregator: 'sum' | 'max' = 'max',
  ): void => {
    new Gauge({
      aggregator,
      name: `screentest_journal_${name}`,
      help,
      registers,
      collect() {
        this.set(value(stats()));
      },
    });
  };
  const counter = (name: string, help: string, value: (stats: SpoolStats) => number): void => {
    new Counter({
      name: `screentest_journal_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(stats()));
      },
    });
  };
  gauge(
    'waiting_bytes',
    'Bytes that are durable on the local disk and not yet in the database',
    (s) => s.waiting,
    'sum',
  );
  gauge('queued_bytes', 'Bytes in memory that wait for the local disk', (s) => s.queued);
  gauge('down', '1 while the database does not take records', (s) => Number(s.down));
  gauge('failed', '1 once a sync failed: nothing is acknowledged any more', (s) => Number(s.failed));
  counter('records', 'Records made durable on the local disk', (s) => s.records);
  counter('syncs', 'Syncs that made them so', (s) => s.syncs);
  counter('handed_on', 'Records handed on to the database', (s) => s.handedOn);
  counter(
    'not_taken',
    'Records that the journal did not take: too many wait, or its disk is full or broken',
    (s) => s.notTaken,
  );
  counter('duplicates', 'Outcomes that were in the database before', (s) => s.duplicates);
  counter(
    'conflicts',
    'Outcomes whose id the database has with another payload, kept as dead letters',
    (s) => s.conflicts,
  );
  counter('refused', 'Records that the database cannot store, kept as dead letters', (s) => s.refused);
  counter('damaged_bytes', 'Bytes of the journal that could not be read', (s) => s.damaged);
}
