import type { Generated, JSONColumnType } from 'kysely';

/** Columns as they are read; bigint as number (see `connect`), dates as `YYYY-MM-DD`. */
export interface Tables {
  request: {
    environment: string;
    id: string;
    day: string;
    unit: string;
    at: number;
    surface: string;
    device: string;
    country: string;
    pipeline: string;
    configuration: string;
    models: string;
    error: boolean;
    fallback: number;
    total_micros: number;
    slots: number;
    simpson_micro: number;
    long_tail: number;
    slate: Buffer;
  };
  outcome: {
    environment: string;
    id: string;
    day: string;
    unit: string;
    at: number;
    received_at: number;
    sent_at: number | null;
    request_id: string | null;
    surface: string | null;
    name_id: number[];
    value: number[];
    title: number[];
    after_ms: number[];
    payload: string;
  };
  outcome_name: { id: Generated<number>; name: string };
  exposure: {
    environment: string;
    experiment: string;
    iteration: number;
    unit: string;
    variant: string;
    at: number;
    request_id: string | null;
    phase: number;
    forced: boolean;
    crossed: boolean;
    attributes: JSONColumnType<Record<string, string>>;
    configuration: string;
  };
  dead_letter: {
    id: Generated<number>;
    environment: string;
    received_at: number;
    reason: string;
    record: JSONColumnType<object>;
    replayed_at: number | null;
    replayed_as: string | null;
  };
  title: {
    environment: string;
    row: number;
    id: string;
    name: string;
    genre_mask: number;
    primary_genre: number;
    long_tail: boolean;
  };
  genre: { environment: string; bit: number; name: string };
  profile: { environment: string; user: string; country: string; age_group: string; picks: number[] };
  unit_day_set: {
    environment: string;
    experiment: string;
    iteration: number;
    measures: JSONColumnType<string[]>;
    hash: string;
    cutoff: number;
    id: Generated<number>;
    unit_days: number;
  };
  report: {
    environment: string;
    experiment: string;
    iteration: number;
    version: number;
    cutoff: number;
    report: JSONColumnType<object>;
  };
  experiment_state: {
    version: Generated<number>;
    environment: string;
    experiment: string;
    iteration: number;
    at: number;
    phase: number | null;
    stopped: boolean | null;
    killed: boolean | null;
    reason: string;
    id: Generated<string>;
    decided_by: Generated<string>;
  };
}
