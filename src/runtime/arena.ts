import { EngineError } from '../errors.ts'

/** Named float32 tensors in one WebAssembly memory, so that kernels and ONNX Runtime work on the same bytes. */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly #places = new Map<string, { readonly offset: number; readonly elements: number }>()

  /** Lays out tensors of these sizes; each starts on a cache line and ends on a whole one. */
  constructor(sizes: ReadonlyMap<string, number>) {
    let offset = 0
    for (const [name, elements] of sizes) {
      this.#places.set(name, { offset, elements })
      offset += Math.ceil((elements * 4) / 64) * 64
    }
    const pages = Math.ceil(offset / 65536)
    if (pages > 65536) throw new EngineError(`arena: ${offset} bytes of state exceed the 4 GiB of a WebAssembly memory`)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  }

  has(name: string): boolean {
    return this.#places.has(name)
  }

  /** The tensor itself, not a copy. */
  view(name: string): Float32Array {
    const { offset, elements } = this.place(name)
    return new Float32Array(this.memory.buffer, offset, elements)
  }

  /** Where a tensor lies. */
  place(name: string): { readonly offset: number; readonly elements: number } {
    const place = this.#places.get(name)
    if (place === undefined) throw new EngineError(`internal: '${name}' is not in the arena`)
    return place
  }
}
