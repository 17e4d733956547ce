const ISO = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** Epoch ms of epoch milliseconds or of ISO 8601 with a zone; NaN for anything else. */
export function timeIn(given: number | string): number {
  if (typeof given === 'number') return given;
  return ISO.test(given) ? Date.parse(given) : Number.NaN;
}
