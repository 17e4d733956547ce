const PAGE = 65_536;
const compiled = new Map<string, WebAssembly.Module>();

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** One instance of a module with a memory of its own, for one thread. Places are handed out first, then the memory grows to hold them. */
export interface OwnMemory<Exports> {
  readonly kernel: Exports;
  /** The address of so many bytes, aligned for vector registers. */
  reserve(bytes: number): number;
  /** Makes the memory as large as what was reserved; arrays over what it was before are void. */
  grow(): ArrayBuffer;
}

/** @param module in base64 */
export function ownMemory<Exports>(module: string): OwnMemory<Exports> {
  let code = compiled.get(module);
  if (code === undefined) {
    code = new WebAssembly.Module(Uint8Array.from(atob(module), (char) => char.charCodeAt(0)));
    compiled.set(module, code);
  }
  const { exports } = new WebAssembly.Instance(code, { env: { abort() {} } });
  const memory = (exports as Readonly<Record<string, unknown>>).memory as Memory;
  // The first page is the module's own.
  let end = PAGE;
  return {
    kernel: exports as Exports,
    reserve(bytes) {
      const start = end;
      end += 16 * Math.ceil(bytes / 16);
      return start;
    },
    grow() {
      const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
      if (missing > 0) memory.grow(missing);
      return memory.buffer;
    },
  };
}
