/**
 * What the core may touch of its platform, and nothing else: it is compiled without the types of
 * any runtime, so that a stray `Buffer`, `process` or `console` does not compile.
 */
declare const crypto: { getRandomValues<T extends Uint8Array>(out: T): T };

declare namespace WebAssembly {
  /** A compiled module. */
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: object;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** Writes UTF-8; `written` equals `text.length` only where all of it is ASCII. */
  encodeInto(text: string, out: Uint8Array): { readonly read: number; readonly written: number };
}
