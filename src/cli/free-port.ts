import { createServer } from 'node:net';

/** Fails early, before minutes of work, when nobody could listen on the port afterwards. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} is taken: stop what listens there, or choose another with --port N`
            : `cannot listen on ${host}:${port} (${error.code ?? error.message}): choose another with --port N`,
        ),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
