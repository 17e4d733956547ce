const FULL = ['ENOSPC', 'EFBIG', 'EDQUOT', '53100'];
const GONE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  // What a server says that is being stopped, that crashed, or that is not up yet.
  '57P01',
  '57P02',
  '57P03',
  '08006',
];

/** What went wrong outside of this program, in a sentence; undefined for everything else. */
export function failureText(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (FULL.includes(String(code)) || /no space left|file too large|disk full/i.test(at.message))
      return 'A disk is full: free some space.';
    if (
      GONE.includes(String(code)) ||
      /connection (terminated|ended|is closed)|server closed the connection|not queryable/i.test(at.message)
    )
      return 'The database went away: start it again.';
  }
  return undefined;
}
