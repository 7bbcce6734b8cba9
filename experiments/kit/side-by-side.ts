/** Many nets of one kind trained in one graph: every weight has an axis more, and the loss is the sum of theirs. */
import { data, type Layer, nn, ops, optim, tensor } from 'residua'
import type * as lab from 'residua/lab'

/** A linear layer of every net. Shapes: x `[nets, batch, in]` to `[nets, batch, out]`. */
const linear =
  (out: number): Layer =>
  (s, x) => {
    const [nets, , inputs] = x.shape as readonly [number, number, number]
    const init = nn.normal(Math.sqrt(2 / inputs))
    const weight = s.parameter('weight', [nets, inputs, out], { role: 'inner', init })
    return ops.add(ops.matMul(x, weight), s.parameter('bias', [nets, 1, out], { role: 'bias', init: nn.zeros }))
  }

const exchanged: Layer = (_, x) => ops.transpose(x, [1, 0, 2])

export interface NetsOptions {
  /** Blocks of two layers each. */
  readonly depth: number
  readonly width: number
  readonly outputs: number
  readonly skip: 'identity' | 'none'
}

/** MLPs without norms. Shapes: `[batch, nets, features]` to `[batch, nets, outputs]`. */
export function netsSideBySide({ depth, width, outputs, skip }: NetsOptions): Layer {
  const block: Layer = (s, x) => linear(width)(s.in('out'), ops.relu(linear(width)(s.in('in'), x)))
  const blocks = new Array<nn.Block>(depth).fill(nn.branch('feedForward', block))
  return nn.wire(
    blocks,
    { skip, norm: 'none' },
    {
      embed: (s, x) => linear(width)(s.in('input'), exchanged(s, x)),
      head: (s, x) => exchanged(s, linear(outputs)(s.in('head'), x)),
    },
  )
}

/** The rows of data sets of one size, a set for every net. Shapes: inputs `[size, nets, features]`, targets `[size, nets]`. */
export function dataSideBySide(sets: readonly data.Dataset[]): data.Dataset {
  const [first] = sets as readonly [data.Dataset]
  const [count, features] = [sets.length, first.inputs.shape[0]!]
  const inputs = new Float32Array(first.size * count * features)
  const targets = new Int32Array(first.size * count)
  const rows = Array.from({ length: first.size }, (_, row) => row)
  sets.forEach((set, net) => {
    const [values, labels] = [new Float32Array(first.size * features), new Int32Array(first.size)]
    set.inputs.gather(rows, values)
    set.targets.gather(rows, labels)
    for (const row of rows) {
      inputs.set(values.subarray(features * row, features * (row + 1)), features * (row * count + net))
      targets[row * count + net] = labels[row]!
    }
  })
  return data.arrays({ inputs, targets, shape: [count, features], classes: first.classes!, name: first.name })
}

export interface SideBySideRequest {
  readonly train: data.Dataset
  readonly learningRate: number
  readonly steps: number
  readonly batchSize: number
}

/** Trains nets side by side with AdamW. Returns the share of `test` that each gets right. */
export async function accuraciesSideBySide(
  net: Layer,
  { compile, signal }: lab.Trial,
  { train, learningRate, steps, batchSize }: SideBySideRequest,
  test: data.Dataset,
): Promise<number[]> {
  const [count, features] = train.inputs.shape as readonly [number, number]
  const model = await compile(net, {
    train,
    loss: (output, targets) => ops.mul(nn.crossEntropy(output, targets), count),
    optimizer: optim.adamW({ learningRate }),
  })
  await model.fit({ steps, batchSize, signal, progress: false })
  signal.throwIfAborted()
  const all = dataSideBySide(new Array<data.Dataset>(count).fill(test))
  const rows = Array.from({ length: test.size }, (_, row) => row)
  const [inputs, labels] = [new Float32Array(test.size * count * features), new Int32Array(test.size * count)]
  all.inputs.gather(rows, inputs)
  all.targets.gather(rows, labels)
  const { data: logits } = await model.predict(tensor(inputs, [test.size, count, features]))
  const right = new Array<number>(count).fill(0)
  labels.forEach((label, i) => {
    const own = logits.subarray((i * logits.length) / labels.length, ((i + 1) * logits.length) / labels.length)
    right[i % count]! += Number(own.indexOf(Math.max(...own)) === label)
  })
  return right.map((hits) => hits / test.size)
}
