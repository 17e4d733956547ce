/** Nothing was acknowledged: try again later, or serve without. The same records may be sent again. */
export class EventLogUnavailable extends Error {
  readonly code: 'database' | 'queue-full' | 'closed';

  constructor(code: EventLogUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventLogUnavailable';
    this.code = code;
  }
}

/** Errors that speak of the records, not of the server (SQLSTATE classes 22 and 23). */
export const isDataError = (error: unknown) => /^2[23]/.test((error as { code?: string }).code ?? '');

/** What the callers are told. */
export function failureOf(error: unknown): Error {
  const why = `nothing was made durable: ${(error as Error).message}`;
  return isDataError(error)
    ? new RangeError(why, { cause: error })
    : new EventLogUnavailable('database', why, { cause: error });
}
