import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { KERNEL_NAMES, type KernelName, type Kernels } from '../ranking/kernels/kernels.ts';
import { kernelMemory, kernelModule, openWorkspace, type Workspace } from '../ranking/kernels/workspace.ts';

/** Smaller work is done before a thread has started. */
const LEAST_BYTES = 8 * 2 ** 20;
const MOST_THREADS = 8;
/** Calls and numbers of each that one step may have. */
const MOST_CALLS = 4096;
const MOST_NUMBERS = 16;

/**
 * Places in the shared words. Calls are numbered on and on: those from `base` to `end` are the present step, `next` is the first that
 * nobody has taken, `done` how many have been done. An `end` below 0 sends the helpers home.
 */
const PLACES = { next: 0, end: 1, done: 2, base: 3, kernel: 4, failed: 5 };

/** What the threads share. */
interface Shared {
  readonly words: Int32Array;
  /** `MOST_NUMBERS` for each call. */
  readonly numbers: Float64Array;
  readonly most: number;
  readonly places: typeof PLACES;
}

/**
 * A workspace whose kernels run in this thread and others beside it, on one memory. Whoever is free takes the next call. Where no
 * further thread starts, this one does all.
 *
 * @param threads how many in all
 * @throws RangeError when that much memory cannot be had
 */
export function openThreads(
  bytes: number,
  threads = Math.min(MOST_THREADS, availableParallelism()),
): Workspace {
  const module = kernelModule();
  if (threads < 2 || bytes < LEAST_BYTES || module === undefined) return openWorkspace(bytes);
  const memory = kernelMemory(bytes);
  const words = new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACES).length));
  const numbers = new Float64Array(new SharedArrayBuffer(8 * MOST_CALLS * MOST_NUMBERS));
  const shared: Shared = { words, numbers, most: MOST_NUMBERS, places: PLACES };
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = KERNEL_NAMES.map((name) => (exports as Kernels)[name]);
  const helpers = Array.from({ length: threads - 1 }, () => {
    const worker = new Worker(HELPER, {
      eval: true,
      execArgv: [],
      workerData: { module, memory, names: KERNEL_NAMES, shared },
    });
    // A thread that does not start leaves its calls to the others.
    worker.on('error', () => {});
    return worker;
  });
  return {
    buffer: memory.buffer,
    threads,
    run: (kernel: KernelName, calls) => {
      if (calls.length > MOST_CALLS)
        throw new RangeError(`a step has at most ${MOST_CALLS} calls, not ${calls.length}`);
      const base = Atomics.load(words, PLACES.end);
      calls.forEach((call, place) => {
        numbers.set(call, place * MOST_NUMBERS);
      });
      words[PLACES.base] = base;
      words[PLACES.kernel] = KERNEL_NAMES.indexOf(kernel);
      const end = base + calls.length;
      Atomics.store(words, PLACES.end, end);
      Atomics.notify(words, PLACES.end);
      takeCalls(shared, kernels);
      for (;;) {
        const done = Atomics.load(words, PLACES.done);
        if (done === end) break;
        Atomics.wait(words, PLACES.done, done);
      }
      if (Atomics.load(words, PLACES.failed) !== 0)
        throw new Error(`the kernel ${kernel} failed in a thread of its own`);
    },
    close: () => {
      Atomics.store(words, PLACES.end, -1);
      Atomics.notify(words, PLACES.end);
      for (const helper of helpers) helper.unref();
    },
  };
}

/** Takes calls until none is left. Runs in the helpers too, as text: it may use nothing but its arguments. */
function takeCalls(shared: Shared, kernels: readonly ((...numbers: number[]) => void)[]): void {
  const { words, numbers, most, places } = shared;
  for (;;) {
    const taken = Atomics.load(words, places.next);
    if (taken >= Atomics.load(words, places.end)) return;
    if (Atomics.compareExchange(words, places.next, taken, taken + 1) !== taken) continue;
    const from = (taken - words[places.base]!) * most;
    try {
      kernels[words[places.kernel]!]!(...numbers.subarray(from, from + most));
    } catch {
      Atomics.store(words, places.failed, 1);
    }
    if (Atomics.add(words, places.done, 1) + 1 === Atomics.load(words, places.end))
      Atomics.notify(words, places.done);
  }
}

/** A helper needs nothing but the compiled module, so it is the same from sources and from dist. */
const HELPER = `
const { workerData } = require('node:worker_threads');
const { module, memory, names, shared } = workerData;
const { words, places } = shared;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
const kernels = names.map((name) => exports[name]);
const takeCalls = ${takeCalls.toString()};
for (let end = 0; end >= 0; end = Atomics.load(words, places.end)) {
  takeCalls(shared, kernels);
  Atomics.wait(words, places.end, end);
}
`;
