import { COMPILED_KERNELS } from './compiled-kernels.ts';
import type { KernelName, Kernels } from './kernels.ts';
import { plainKernels } from './plain-kernels.ts';

/** A memory of fixed size and what computes in it. */
export interface Workspace {
  /** Zeros at first. */
  readonly buffer: ArrayBufferLike;
  /** How many calls of a kernel run at the same time. */
  readonly threads: number;
  /** Runs a kernel once for each list of arguments, in any order and at the same time; returns when all are done. */
  run(kernel: KernelName, calls: readonly (readonly number[])[]): void;
  /** Ends its threads. */
  close(): void;
}

/** Makes a workspace of at least so many bytes. @throws RangeError when that much memory cannot be had */
export type OpenWorkspace = (bytes: number) => Workspace;

const PAGE = 65_536;
/** WebAssembly addresses 4 GiB. */
const MOST_PAGES = 65_536;

let compiled: WebAssembly.Module | undefined;

/** The module of the kernels; undefined where there is no WebAssembly with vectors. */
export function kernelModule(): WebAssembly.Module | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(COMPILED_KERNELS), (byte) => byte.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
  return compiled;
}

/** @throws RangeError when that much memory cannot be had */
export function kernelMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  if (pages > MOST_PAGES) throw tooLarge(bytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw tooLarge(bytes, error);
  }
}

function tooLarge(bytes: number, cause?: unknown): RangeError {
  const size = (bytes / 2 ** 30).toFixed(1);
  return new RangeError(`training needs ${size} GiB in one piece, which cannot be had; train on fewer rows`, {
    cause,
  });
}

/** A workspace in this thread alone. */
export function openWorkspace(bytes: number): Workspace {
  const module = kernelModule();
  if (module === undefined) return openPlainWorkspace(bytes);
  const memory = kernelMemory(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return inThisThread(memory.buffer, exports as Kernels);
}

/** The same without WebAssembly: several times slower. */
export function openPlainWorkspace(bytes: number): Workspace {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
  return inThisThread(buffer, plainKernels(buffer));
}

function inThisThread(buffer: ArrayBufferLike, kernels: Kernels): Workspace {
  return {
    buffer,
    threads: 1,
    run: (kernel, calls) => {
      for (const numbers of calls) kernels[kernel](...numbers);
    },
    close: () => {},
  };
}
