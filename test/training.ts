import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { arrays } from '../src/data/arrays.ts'
import type { Dataset } from '../src/data/dataset.ts'
import { spiral } from '../src/data/synthetic.ts'
import type { Layer } from '../src/graph/scope.ts'
import { crossEntropy } from '../src/nn/loss.ts'
import { linear } from '../src/nn/linear.ts'
import { relu } from '../src/ops/unary.ts'
import { sequential } from '../src/nn/sequential.ts'
import { sgd } from '../src/optim/sgd.ts'
import { compile, type CompileOptions } from '../src/train/compile.ts'
import type { TrainEvent } from '../src/train/events.ts'
import { loadCheckpoint } from '../src/train/files/checkpoint.ts'
import type { Model } from '../src/train/model.ts'
import type { HostTensor } from '../src/tensor.ts'

/** 60 points of three spiral arms. */
export const points: Dataset = spiral({ points: 20 })

/** 2 -> 8 -> 3 with a relu between; `between` stands before the relu. */
export const smallNet = (...between: readonly Layer[]): Layer =>
  sequential(linear(8), ...between, (_, x) => relu(x), linear(3))

const models: Model[] = []

/** A model on `points` with one engine thread; closed when the file's tests are done. */
export async function small<M extends string = never>(
  net: Layer = smallNet(),
  options: Partial<CompileOptions<M>> = {},
): Promise<Model<M>> {
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 })
  const model = await compile<M>(net, { train: points, loss: crossEntropy, optimizer, threads: 1, ...options })
  models.push(model)
  return model
}

/** Closes with the models of this file. */
export function closing<M extends Model>(model: M): M {
  models.push(model)
  return model
}

let root: string | undefined
let folders = 0

/** A path in a folder of this test file that is removed afterwards; nothing is there yet. */
export function fresh(name = 'run'): string {
  root ??= mkdtempSync(join(tmpdir(), 'residua-test-'))
  return join(root, `${name}-${folders++}`)
}

afterAll(async () => {
  await Promise.all(models.map((model) => model.close()))
  if (root !== undefined) rmSync(root, { recursive: true, force: true })
})

/** The bits of tensors, as hexadecimal text by name: equal exactly where the tensors are, -0 and NaN included. */
export function bits(tensors: Readonly<Record<string, HostTensor>>): Record<string, string> {
  const hex = ({ data }: HostTensor): string =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
  return Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [name, `[${value.shape.join()}] ${hex(value)}`]),
  )
}

/** Everything the newest checkpoint of a run holds. */
export function stored(run: string): { step: number; state: unknown; tensors: Record<string, string> } {
  const { step, state, tensors } = loadCheckpoint(run)
  return { step, state, tensors: bits(tensors) }
}

export async function collect(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** Trains until `step` has been reported, then leaves the loop. */
export async function leaveAt(step: number, events: AsyncIterable<TrainEvent>): Promise<void> {
  for await (const event of events) if (event.type === 'step' && event.step === step) return
}

/** A data set whose labels have nothing to do with its inputs. */
export function randomLabels(size: number, classes: number): Dataset {
  const inputs = Array.from({ length: size }, (_, i) => [Math.sin(i * 12.9898), Math.cos(i * 78.233)])
  return arrays({ inputs, targets: Array.from(inputs, (_, i) => (i * 7919) % classes), classes, name: 'random labels' })
}
