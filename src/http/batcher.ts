/** Runs what arrives in one turn of the event loop together. */
export interface Batcher<Input, Output> {
  submit(input: Input): Promise<Output>;
}

interface Waiting<Input, Output> {
  readonly input: Input;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/**
 * Collects inputs until the event loop has read what its sockets hold, then runs them in batches of at most `limit`, one in a turn:
 * what else the process does goes on between them, and the first answers leave while the next are made. When a batch fails its inputs
 * are run one by one, so that one of them cannot fail the others.
 *
 * @param run one output per input, in order
 */
export function createBatcher<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  limit = 32,
): Batcher<Input, Output> {
  let waiting: Waiting<Input, Output>[] = [];

  function flush(): void {
    const batch = waiting.length <= limit ? waiting : waiting.slice(0, limit);
    waiting = waiting.length <= limit ? [] : waiting.slice(limit);
    if (waiting.length > 0) setImmediate(flush);
    settle(batch);
  }

  function settle(batch: readonly Waiting<Input, Output>[]): void {
    run(batch.map((entry) => entry.input)).then(
      (outputs) => {
        for (let i = 0; i < batch.length; i++) batch[i]!.resolve(outputs[i]!);
      },
      (error: unknown) => {
        if (batch.length === 1) batch[0]!.reject(error);
        else for (const entry of batch) settle([entry]);
      },
    );
  }

  return {
    submit: (input) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ input, resolve, reject });
      }),
  };
}
