import type { OutcomeItem } from '../events/records.ts';

/** What a session can note, by code. */
export const NOTES = [
  'session_start',
  'impressions',
  'click',
  'play',
  'watch',
  'complete',
  'rating',
  'list_add',
  'selection',
  'bounce',
  'crash',
  'support_ticket',
  'revenue',
  'buffering',
  'session_end',
  'cancellation',
] as const;
export type Note = (typeof NOTES)[number];

/** Code of each note. */
export const NOTE = Object.fromEntries(NOTES.map((name, code) => [name, code])) as Readonly<
  Record<Note, number>
>;

const FIRST_CAPACITY = 256;

/** What came of one session in parallel columns, page after page; used again for the next one. */
export interface SessionLog {
  count: number;
  /** Code in NOTES. */
  name: Uint8Array;
  value: Int32Array;
  /** Catalogue row, -1 for none. */
  title: Int32Array;
  /** Milliseconds after the start of the session. */
  afterMs: Int32Array;
  /** Pages so far, and where the notes of each end. */
  pages: number;
  readonly ends: Int32Array;
}

export function createSessionLog(): SessionLog {
  return {
    count: 0,
    name: new Uint8Array(FIRST_CAPACITY),
    value: new Int32Array(FIRST_CAPACITY),
    title: new Int32Array(FIRST_CAPACITY),
    afterMs: new Int32Array(FIRST_CAPACITY),
    pages: 0,
    ends: new Int32Array(8),
  };
}

export function clearLog(log: SessionLog): void {
  log.count = 0;
  log.pages = 0;
}

export function note(log: SessionLog, name: number, value: number, title: number, afterMs: number): void {
  if (log.count === log.name.length) grow(log);
  const row = log.count++;
  log.name[row] = name;
  log.value[row] = value;
  log.title[row] = title;
  log.afterMs[row] = afterMs;
}

/** Ends the notes of a page. */
export function endPage(log: SessionLog): void {
  log.ends[log.pages++] = log.count;
}

/** The notes of one page as the items of an outcome record. */
export function itemsOf(log: SessionLog, page: number): OutcomeItem[] {
  const items: OutcomeItem[] = [];
  for (let row = page === 0 ? 0 : log.ends[page - 1]!; row < log.ends[page]!; row++)
    items.push({
      name: NOTES[log.name[row]!]!,
      value: log.value[row]!,
      title: log.title[row]!,
      afterMs: log.afterMs[row]!,
    });
  return items;
}

function grow(log: SessionLog): void {
  const name = new Uint8Array(2 * log.name.length);
  name.set(log.name);
  log.name = name;
  for (const column of ['value', 'title', 'afterMs'] as const) {
    const longer = new Int32Array(name.length);
    longer.set(log[column]);
    log[column] = longer;
  }
}
