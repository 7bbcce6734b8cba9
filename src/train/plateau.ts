import type { Dataset } from '../data/dataset.ts'
import { sizeOf } from '../tensor.ts'

/** Most labels that are counted; of more, evenly spread examples. */
const mostLabels = 2 ** 20

/** How often each class stands among the targets of a data set (of a large one, among a sample), or null where they are no classes. */
export function classCounts({ classes, targets, size }: Dataset): Float64Array | null {
  if (classes === undefined || targets.dtype !== 'int32') return null
  const rows = Math.min(size, Math.max(1, Math.floor(mostLabels / sizeOf(targets.shape))))
  const counts = new Float64Array(classes)
  const label = new Int32Array(sizeOf(targets.shape))
  for (let i = 0; i < rows; i++) {
    targets.gather([Math.floor((i * size) / rows)], label)
    for (const value of label) if (value in counts) counts[value] = counts[value]! + 1 // not those to be ignored
  }
  return counts
}

/** The loss of a model that knows only how frequent each class is: the entropy of the classes, nats. */
export function classEntropy(dataset: Dataset): number | null {
  const counts = classCounts(dataset)
  if (counts === null) return null
  const kept = counts.reduce((total, count) => total + count, 0)
  return counts.reduce((total, count) => (count === 0 ? total : total - (count / kept) * Math.log(count / kept)), 0)
}

/** How near the class entropy counts as stuck there, nats, and for which share of the budget. */
const nearness = 0.05
const share = 0.2

/** Watches for a loss that stays at the class entropy: a net that has stopped looking at its input. */
export class PlateauWatch {
  readonly level: number | null
  readonly #patience: number
  #smooth = 0
  #steps = 0
  #stuck = 0

  constructor(level: number | null, steps: number) {
    this.level = level
    this.#patience = Math.max(20, Math.ceil(share * steps))
  }

  /** Takes the loss of a step; true once the loss has been stuck for long enough, at that step only. */
  see(loss: number): boolean {
    if (this.level === null) return false
    this.#steps++
    this.#smooth = 0.9 * this.#smooth + 0.1 * loss
    const mean = this.#smooth / (1 - 0.9 ** this.#steps)
    this.#stuck = Math.abs(mean - this.level) < nearness ? this.#stuck + 1 : 0
    return this.#stuck === this.#patience
  }

  /** Whether the loss is stuck there now. */
  get stuck(): boolean {
    return this.#stuck >= this.#patience
  }
}
