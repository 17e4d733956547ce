/**
 * What runs over many rows, as plain numbers: addresses are bytes into one memory, and each works on a range of rows, so that several
 * threads can share one task. `assembly` describes each; `plainKernels` says the same in TypeScript.
 */
export const KERNEL_NAMES = [
  'gram',
  'improve',
  'countShared',
  'pack',
  'invertBlock',
  'multiply',
  'update',
] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];
export type Kernels = Readonly<Record<KernelName, (...numbers: number[]) => void>>;
