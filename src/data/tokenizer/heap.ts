/** A binary heap of pairs of numbers: the least priority first, and among equals the least value. */
export class Heap {
  readonly #priorities: number[] = []
  readonly #values: number[] = []

  get size(): number {
    return this.#values.length
  }

  push(priority: number, value: number): void {
    let i = this.size
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#before(priority, value, parent)) break
      this.#put(i, this.#priorities[parent]!, this.#values[parent]!)
      i = parent
    }
    this.#put(i, priority, value)
  }

  /** The first pair, taken out; undefined when there is none. */
  pop(): { priority: number; value: number } | undefined {
    if (this.size === 0) return undefined
    const first = { priority: this.#priorities[0]!, value: this.#values[0]! }
    const priority = this.#priorities.pop()!
    const value = this.#values.pop()!
    if (this.size > 0) this.#sink(priority, value)
    return first
  }

  #sink(priority: number, value: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.size) break
      if (child + 1 < this.size && this.#before(this.#priorities[child + 1]!, this.#values[child + 1]!, child)) child++
      if (this.#before(priority, value, child)) break
      this.#put(i, this.#priorities[child]!, this.#values[child]!)
      i = child
    }
    this.#put(i, priority, value)
  }

  #before(priority: number, value: number, i: number): boolean {
    const other = this.#priorities[i]!
    return priority < other || (priority === other && value < this.#values[i]!)
  }

  #put(i: number, priority: number, value: number): void {
    this.#priorities[i] = priority
    this.#values[i] = value
  }
}
