/**
 * Starts a server again that ended by itself. A start that fails is tried again at the next look.
 *
 * @param everyMs pause between two looks
 * @returns a function that ends the watch; resolves once no start is under way
 */
export function keepRunning(
  runs: () => Promise<boolean>,
  start: () => Promise<void>,
  everyMs = 500,
): () => Promise<void> {
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    if (!(await runs())) await start();
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
