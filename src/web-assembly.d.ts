/** The part of WebAssembly's JavaScript interface that Residua uses; Node's types leave it to the DOM library. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  type Module = object
  const Memory: new (size: { readonly initial: number; readonly maximum: number }) => Memory
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>) => Instance
}
