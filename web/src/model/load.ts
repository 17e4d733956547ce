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
    return response.status === 404 ? { status: 'absent', message } : { status: 'failed', message };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      return { status: 'timed-out', seconds: timeoutSeconds };
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function errorMessage(response: Response): Promise<string> {
  const prefix = `The server answered ${response.status}`;
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null) {
      const { message, error } = body as { message?: unknown; error?: unknown };
      if (typeof message === 'string') return `${prefix}: ${message}`;
      if (typeof error === 'string') return `${prefix}: ${error}`;
    }
  } catch {
    // A body that is not JSON adds nothing a reader could use.
  }
  return `${prefix}.`;
}
