import { inOrder } from '../../data/batch.ts'
import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import { graph } from '../../graph/graph.ts'
import type { Mode, Noise } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { scalar } from '../../ops/constant.ts'
import { mean } from '../../ops/reduce.ts'
import type { Tensors } from '../../runtime/engine.ts'
import { openGraph, type OpenGraph } from '../../runtime/node/once.ts'
import { type HostTensor, sameShape, tensor, typeText } from '../../tensor.ts'
import { mostExamples } from '../../train/measure.ts'
import type { Snapshot } from '../../train/model.ts'
import { drawNoises } from '../../train/noise.ts'
import type { Forward } from '../../train/step.ts'

export interface PassOptions {
  /** Examples per batch. Default 500, or all where there are fewer. */
  readonly batchSize?: number
  /** What the net is traced for: 'train' has batch statistics and random masks. Default 'evaluate', where not said otherwise. */
  readonly mode?: Mode
  /** Of whatever is drawn: random masks, directions, choices. Default 0. */
  readonly seed?: number
}

/** Builds what is measured of a net, by name, for batches of `size`. */
export type Measure = (size: number) => { readonly traced: Forward; readonly outputs: Readonly<Record<string, Value>> }

/** One batch's results, and what it counts for in a mean over the data. */
export interface Pass {
  readonly size: number
  readonly weight: number
  readonly results: Readonly<Record<string, HostTensor>>
}

const weightOutput = 'loss weight'

interface Opened {
  readonly graph: OpenGraph
  readonly noises: readonly Noise[]
}

/** A graph over the tensors of a snapshot that runs over a data set, batch by batch, as often as asked. */
export class Passes {
  readonly #snapshot: Snapshot
  readonly #data: Dataset
  readonly #options: PassOptions
  readonly #measure: Measure
  readonly #opened = new Map<number, Opened>()

  constructor(snapshot: Snapshot, data: Dataset, options: PassOptions, measure: Measure) {
    this.#snapshot = snapshot
    this.#data = data
    this.#options = options
    this.#measure = measure
  }

  /** Runs once over the data; `feeds` are further inputs, and tensors that replace those of the snapshot. */
  async *each(feeds: Tensors = {}): AsyncGenerator<Pass, void> {
    const { batchSize = mostExamples, seed = 0 } = this.#options
    const { inputs, targets, weights } = this.#snapshot
    let draw = 0
    for (const { size, ...batch } of inOrder(this.#data, batchSize)) {
      const opened = await this.#open(size)
      const { [weightOutput]: weight, ...results } = await opened.graph.run({
        ...weights,
        inputs: tensor(batch.inputs, [size, ...inputs.shape]),
        targets: tensor(batch.targets, [size, ...targets.shape]),
        ...drawNoises(opened.noises, seed, draw),
        ...feeds,
      })
      yield { size, weight: weight!.data[0]!, results }
      draw++
    }
  }

  /** Means over the data, element by element; batches weigh as in the loss. */
  async mean(feeds: Tensors = {}): Promise<Record<string, Float64Array>> {
    const totals: Record<string, Float64Array> = {}
    let count = 0
    for await (const { weight, results } of this.each(feeds)) {
      count += weight
      for (const [name, { data }] of Object.entries(results)) {
        const total = (totals[name] ??= new Float64Array(data.length))
        for (let i = 0; i < data.length; i++) total[i]! += weight * data[i]!
      }
    }
    return Object.fromEntries(Object.entries(totals).map(([name, total]) => [name, total.map((x) => x / count)]))
  }

  async close(): Promise<void> {
    for (const { graph: opened } of this.#opened.values()) await opened.close()
  }

  async #open(size: number): Promise<Opened> {
    const known = this.#opened.get(size)
    if (known) return known
    const { traced, outputs } = this.#measure(size)
    const weight = this.#snapshot.loss.weight?.(traced.targets) ?? scalar(size)
    const opened = {
      graph: await openGraph(graph({ ...outputs, [weightOutput]: weight })),
      noises: [...traced.noises.values()],
    }
    this.#opened.set(size, opened)
    return opened
  }
}

/** Opens passes over data, hands them to `use`, and closes them. Throws OptionError for data that does not fit the net. */
export async function withPasses<T>(
  snapshot: Snapshot,
  data: Dataset,
  options: PassOptions,
  measure: Measure,
  use: (passes: Passes) => Promise<T>,
): Promise<T> {
  for (const side of ['inputs', 'targets'] as const) {
    const [has, needs] = [data[side], snapshot[side]]
    if (has.dtype === needs.dtype && sameShape(has.shape, needs.shape)) continue
    throw new OptionError(`probe: ${data.name} has ${side} ${typeText(has)}, the net takes ${typeText(needs)}`)
  }
  const passes = new Passes(snapshot, data, options, measure)
  try {
    return await use(passes)
  } finally {
    await passes.close()
  }
}

/** Loss and metrics by name. */
export type Measurements = Readonly<Record<string, number>>

/** What evaluation measures, as scalars. */
export const measuredOf = ({ loss, metrics }: Forward): Record<string, Value> => ({
  loss,
  ...Object.fromEntries(Array.from(metrics, ([name, metric]) => [name, mean(metric)])),
})

/** The numbers that means of scalars are. */
export const numbersOf = (means: Readonly<Record<string, Float64Array>>): Record<string, number> =>
  Object.fromEntries(Object.entries(means).map(([name, [value]]) => [name, value!]))
