/** What is used of WebAssembly: it belongs to the language's hosts, so neither `lib` nor Node's types declare it. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: { env: object });
    readonly exports: unknown;
  }
}
