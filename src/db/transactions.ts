import type { PoolClient } from 'pg';

export function inTransaction<T>(
  work: (client: PoolClient) => Promise<T>,
): (client: PoolClient) => Promise<T> {
  return async (client) => {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  };
}

export async function retryDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isDeadlock(error) || attempt === 3) throw error;
    }
  }
}

const isDeadlock = (error: unknown) => (error as { code?: string }).code === '40P01';

/** Gives up waiting after `ms`: a server that hangs keeps its socket open and never answers. */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`the database did not answer within ${ms} ms`)), ms);
  });
  // Should the deadline come first, the work's own failure has no other listener.
  work.catch(() => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
