import type { Kernels } from './kernels.ts';
import { plainImprove } from './plain-improve.ts';
import { plainSweep } from './plain-sweep.ts';

/** The kernels without vectors, in double precision throughout: what the compiled ones are held to, and what runs without WebAssembly. */
export function plainKernels(buffer: ArrayBufferLike): Kernels {
  return { ...plainImprove(buffer), ...plainSweep(buffer) };
}
