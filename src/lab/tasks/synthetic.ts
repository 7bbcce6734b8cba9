import { arrays } from '../../data/arrays.ts'
import { split } from '../../data/dataset.ts'
import { spiral } from '../../data/synthetic.ts'
import { mlp } from '../../models/mlp.ts'
import { transformer } from '../../models/transformer.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { random } from '../../random.ts'
import { accuracy } from '../../train/metrics.ts'
import type { Task, TaskData } from '../study/task.ts'
import { classMeasures } from './classes.ts'
import { optionsOf } from './options.ts'

const common = { batchSize: 32, loss: crossEntropy, metrics: { accuracy } }

export interface SpiralOptions {
  /** Residual blocks of two layers each. Default 8. */
  readonly depth?: number
  /** Default 32. */
  readonly width?: number
  /** Arms of the spiral. Default 3. */
  readonly classes?: number
}

/** Points on the arms of a spiral, an MLP of residual blocks. */
export function spiralTask(given: SpiralOptions = {}): Task<Required<SpiralOptions>> {
  return {
    ...{ name: 'spiral', options: optionsOf('spiral', { depth: 8, width: 32, classes: 3 }, given), ...common },
    open: ({ classes }) => {
      const [train, test] = split(spiral({ classes, points: 400 }), 0.75, 0)
      return Promise.resolve({ train, test, measures: classMeasures(train) })
    },
    net: ({ depth, width, classes }, wiring) => mlp({ depth, width, outputs: classes, wiring }),
  }
}

export interface SequenceOptions {
  /** Blocks of attention and feed-forward. Default 4. */
  readonly depth?: number
  /** Default 32. */
  readonly width?: number
  /** Default 4. */
  readonly heads?: number
  /** Tokens of an example. Default 16. */
  readonly length?: number
  /** Different tokens. Default 8. */
  readonly vocabulary?: number
}

const sequences = { depth: 4, width: 32, heads: 4, length: 16, vocabulary: 8 }
const examples = 4096

/** Sequences of uniform tokens, each with the class that `answer` gives it. */
function labelled(
  name: string,
  length: number,
  vocabulary: number,
  classes: number,
  answer: (ids: Int32Array) => number,
): TaskData {
  const source = random(0, `tasks.${name}`)
  const inputs = Int32Array.from({ length: examples * length }, () => source.below(vocabulary))
  const targets = Int32Array.from({ length: examples }, (_, i) => answer(inputs.subarray(i * length, (i + 1) * length)))
  const all = arrays({
    inputs,
    targets,
    shape: [length],
    classes,
    name,
  })
  const [train, test] = split(all, 0.75, 0)
  return { train, test, measures: classMeasures(train) }
}

/** The most frequent of two tokens, odd in number: an encoder must count. */
export function majorityTask(
  given: Omit<SequenceOptions, 'vocabulary'> = {},
): Task<Required<Omit<SequenceOptions, 'vocabulary'>>> {
  const { vocabulary: _, ...defaults } = sequences
  return {
    ...{ name: 'majority', options: optionsOf('majority', { ...defaults, length: 15 }, given), ...common },
    open: ({ length }) =>
      Promise.resolve(labelled('majority', length, 2, 2, (ids) => Number(2 * ids.reduce((a, b) => a + b, 0) > length))),
    net: ({ depth, width, heads, length }, wiring) =>
      transformer({ kind: 'encoder', depth, width, heads, vocabulary: 2, context: length, outputs: 2, wiring }),
  }
}

/** The first token, at the end: what it was must be carried past all others. */
export function copyTask(given: SequenceOptions = {}): Task<Required<SequenceOptions>> {
  return {
    ...{ name: 'copy', options: optionsOf('copy', sequences, given), ...common },
    open: ({ length, vocabulary }) =>
      Promise.resolve(labelled('copy', length, vocabulary, vocabulary, (ids) => ids[0]!)),
    net: ({ depth, width, heads, length, vocabulary }, wiring) =>
      transformer({ kind: 'encoder', depth, width, heads, vocabulary, context: length, outputs: vocabulary, wiring }),
  }
}
