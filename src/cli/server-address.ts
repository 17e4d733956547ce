import { InvalidArgumentError } from 'commander';

/** Where `npm start` listens. */
export const DEFAULT_SERVER = 'http://localhost:8080';

export function httpAddress(text: string): string {
  if (/^https?:\/\/[^/]/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('it should read like http://localhost:8080');
}

/** The answer of a running server. */
export interface ServerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks a running server.
 *
 * @throws with the mend where none answers
 */
export async function askServer(
  server: string,
  path: string,
  options: { readonly body?: unknown; readonly timeoutMs?: number; readonly request?: typeof fetch } = {},
): Promise<ServerAnswer> {
  const { body, timeoutMs = 10_000, request = fetch } = options;
  const address = new URL(path, server.endsWith('/') ? server : `${server}/`);
  try {
    const response = await request(address, {
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    });
    return { status: response.status, body: await response.json() };
  } catch (cause) {
    const message = `no server answers at ${address.origin}; start one with npm start, or name it with --url`;
    throw new Error(message, { cause });
  }
}

/** What a server says is wrong, with its mend. */
export function toldBy({ status, body }: ServerAnswer): string {
  const { message, mend } = (body as { error?: { message?: string; mend?: string } }).error ?? {};
  return `${message ?? `the server answered ${status}`}${mend === undefined ? '' : `; ${mend}`}`;
}
