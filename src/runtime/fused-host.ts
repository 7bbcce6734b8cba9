import { type HostTensor, type Shape, sizeOf } from '../tensor.ts'
import { Arena } from './arena.ts'
import type { FusedUpdate, Tensors } from './engine.ts'

const sizes = (shapes: Readonly<Record<string, Shape>>): Map<string, number> =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, sizeOf(shape)]))

type Run = (...args: number[]) => void

/** The fused update of one program, ready to run in an arena. */
export class FusedHost {
  readonly arena: Arena
  readonly #update: FusedUpdate
  readonly #kernels: readonly Run[]

  /** Programs of one model share an arena: the first makes it. */
  constructor(update: FusedUpdate, arena?: Arena) {
    this.arena = arena ?? new Arena(sizes({ ...update.states, ...update.outputs }))
    this.#update = update
    this.#kernels = update.kernels.map(({ wasm }) => {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { host: { memory: this.arena.memory } })
      return instance.exports.run as Run
    })
  }

  /** Runs the kernels with scalars out of feeds and results. */
  run(feeds: Tensors, results: Readonly<Record<string, HostTensor>>): void {
    const scalar = (name: string): number => (feeds[name] ?? results[name])?.data[0] ?? NaN
    this.#update.kernels.forEach(({ calls, scalars }, i) => {
      const numbers = scalars.map(scalar)
      for (const tensors of calls) {
        const places = tensors.map((name) => this.arena.place(name))
        this.#kernels[i]!(...places.map(({ offset }) => offset), places[0]!.elements * 4, ...numbers)
      }
    })
  }
}
