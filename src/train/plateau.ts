import type { Dataset } from '../data/dataset.ts'
import { labelBlocks } from './labels.ts'

/** The loss of a model that knows only how frequent each class is: the entropy of the classes, nats. */
export function classEntropy(dataset: Dataset): number | null {
  const { classes, targets } = dataset
  if (classes === undefined || targets.dtype !== 'int32' || targets.shape.length > 0) return null
  const counts = new Float64Array(classes)
  for (const labels of labelBlocks(dataset)) {
    for (const label of labels) if (label in counts) counts[label] = counts[label]! + 1 // not those to be ignored
  }
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
