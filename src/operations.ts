import { join } from 'node:path';
import { followDecisions } from './control/decisions.ts';
import { type LiveStates, openLiveStates } from './control/live-states.ts';
import { connect } from './db/connect.ts';
import type { Declarations } from './declarations.ts';

/** Longest wait for the database when it is asked for states, ms: a stop must be felt within a second. */
const ANSWER_MS = 1_000;

export interface OperationsSettings {
  readonly databaseUrl: string;
  readonly environment: string;
  /** Where states are kept between starts. */
  readonly folder: string;
  readonly declarations: () => Declarations;
  readonly note: (text: string) => void;
}

/** What operators decide, heard by this process. */
export function openOperations(settings: OperationsSettings): Promise<LiveStates> {
  const { databaseUrl, environment, declarations, note } = settings;
  const open = () =>
    connect(databaseUrl, {
      name: 'screentest states',
      connections: 2,
      connectMs: ANSWER_MS,
      statementMs: ANSWER_MS,
      answerMs: ANSWER_MS,
    });
  let version = '';
  let iterations: ReadonlyMap<string, number> = new Map();
  return openLiveStates({
    folder: join(settings.folder, environment),
    decisions: (heard) => followDecisions(open, environment, heard),
    iterations() {
      const current = declarations();
      if (current.version !== version) {
        version = current.version;
        iterations = new Map(current.experiments.map(({ key, iteration }) => [key, iteration]));
      }
      return iterations;
    },
    note,
  });
}
