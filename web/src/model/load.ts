/** What came of one request to the API. A time-out, an error and "there is none" are three different things. */
export type Loaded<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'loaded'; readonly value: T }
  | { readonly status: 'absent'; readonly message: string }
  | { readonly status: 'timed-out'; readonly seconds: number }
  | { readonly status: 'failed'; readonly message: string };

const TIMEOUT_SECONDS = 20;

/** GET one JSON document. Never throws. */
export async function load<T>(
  path: string,
  fetcher: typeof fetch = fetch,
  timeoutSeconds = TIMEOUT_SECONDS,
): Promise<Loaded<T>> {
  try {
    const response = await fetcher(path, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    if (response.ok) return { status: 'loaded', value: (await response.json()) as T };
    const message = await errorMessage(response);
    return response.status === 404
      ? { status: 'absent', message: message ?? 'The server knows nothing by this name.' }
      : {
          status: 'failed',
          message: `The server answered ${response.status}${message === null ? '.' : `: ${message}`}`,
        };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { status: 'timed-out', seconds: timeoutSeconds };
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** What the API says is wrong, and what would be right. */
async function errorMessage(response: Response): Promise<string | null> {
  try {
    const { error } = (await response.json()) as { error?: { message?: string; mend?: string } };
    if (error?.message === undefined) return null;
    return error.mend === undefined ? `${error.message}.` : `${error.message}; ${error.mend}.`;
  } catch {
    // A body that is not JSON adds nothing that a reader could use.
    return null;
  }
}
