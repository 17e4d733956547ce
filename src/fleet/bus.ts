/** What the processes of one server on one machine tell and ask each other. Data are what structured cloning takes. */
export interface Bus {
  /** To all others; nothing is answered, and what a process that just ended would have heard is lost. */
  tell(kind: string, data: unknown): void;
  onTold(kind: string, hear: (data: never) => void): void;
  /** The answers of all others that came within `ms`. */
  ask(kind: string, ms: number): Promise<readonly unknown[]>;
  onAsked(kind: string, answer: () => unknown): void;
}

/** One end of a line between two processes. */
export interface Line {
  /** False once the other end is gone. */
  send(message: BusMessage): boolean;
  onMessage(hear: (message: BusMessage) => void): void;
}

export type BusMessage =
  | { readonly bus: 'tell'; readonly kind: string; readonly data: unknown }
  | { readonly bus: 'ask'; readonly id: number; readonly kind: string; readonly ms: number }
  | { readonly bus: 'answer'; readonly id: number; readonly answers: readonly unknown[] };

/** Of a process that is the only one. */
export const alone: Bus = {
  tell() {},
  onTold() {},
  ask: async () => [],
  onAsked() {},
};

/** What a process hears and answers, and the questions it waits for. */
function createEnd() {
  const told = new Map<string, (data: never) => void>();
  const asked = new Map<string, () => unknown>();
  const waiting = new Map<number, (answers: readonly unknown[]) => void>();
  let next = 0;
  return {
    told,
    asked,
    hear: (kind: string, data: unknown) => told.get(kind)?.(data as never),
    /** Nothing where this process has no answer to it, or failed to make one. */
    async answer(kind: string): Promise<unknown[]> {
      try {
        const own = asked.get(kind);
        return own === undefined ? [] : [await own()];
      } catch {
        return [];
      }
    },
    settle: (id: number, answers: readonly unknown[]) => waiting.get(id)?.(answers),
    /** Sends one question over one line. Resolves with no answers where none come within `longest`. */
    question(line: Line, kind: string, ms: number, longest = ms): Promise<readonly unknown[]> {
      const id = next++;
      return new Promise((resolve) => {
        const finish = (answers: readonly unknown[]): void => {
          waiting.delete(id);
          clearTimeout(timer);
          resolve(answers);
        };
        const timer = setTimeout(() => finish([]), longest);
        waiting.set(id, finish);
        if (!line.send({ bus: 'ask', id, kind, ms })) finish([]);
      });
    },
  };
}

/** The end of a worker: everything goes through the primary. */
export function workerBus(line: Line): Bus {
  const end = createEnd();
  line.onMessage(async (message) => {
    if (message.bus === 'tell') end.hear(message.kind, message.data);
    else if (message.bus === 'answer') end.settle(message.id, message.answers);
    else line.send({ bus: 'answer', id: message.id, answers: await end.answer(message.kind) });
  });
  return {
    tell: (kind, data) => void line.send({ bus: 'tell', kind, data }),
    onTold: (kind, hear) => void end.told.set(kind, hear),
    // It is the primary that waits for the others so long; this is for one that hangs.
    ask: (kind, ms) => end.question(line, kind, ms, 2 * ms + 1_000),
    onAsked: (kind, answer) => void end.asked.set(kind, answer),
  };
}

/** The primary's end: hands on between workers. */
export interface PrimaryBus extends Bus {
  /** A worker came. @returns to be called when it is gone */
  add(line: Line): () => void;
}

export function primaryBus(): PrimaryBus {
  const end = createEnd();
  const lines = new Set<Line>();
  const others = (line?: Line) => [...lines].filter((other) => other !== line);
  async function ask(kind: string, ms: number, from?: Line): Promise<unknown[]> {
    const answers = await Promise.all(others(from).map((line) => end.question(line, kind, ms)));
    return answers.flat();
  }
  return {
    add(line) {
      lines.add(line);
      line.onMessage(async (message) => {
        if (message.bus === 'answer') return end.settle(message.id, message.answers);
        if (message.bus === 'tell') {
          end.hear(message.kind, message.data);
          for (const other of others(line)) other.send(message);
          return;
        }
        const answers = [await end.answer(message.kind), await ask(message.kind, message.ms, line)];
        line.send({ bus: 'answer', id: message.id, answers: answers.flat() });
      });
      return () => void lines.delete(line);
    },
    tell(kind, data) {
      for (const line of lines) line.send({ bus: 'tell', kind, data });
    },
    onTold: (kind, hear) => void end.told.set(kind, hear),
    ask: (kind, ms) => ask(kind, ms),
    onAsked: (kind, answer) => void end.asked.set(kind, answer),
  };
}
