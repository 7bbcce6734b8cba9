import { type Batch, inOrder } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import type { TextDataset } from '../data/text/windows.ts'
import { graph } from '../graph/graph.ts'
import type { Traced } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { crossEntropy } from '../nn/loss.ts'
import { type HostTensor, sizeOf, tensor } from '../tensor.ts'
import { crossEntropy as crossEntropyMetric } from './metrics.ts'
import { isText } from './text.ts'
import type { Session } from './session.ts'
import type { Recipe } from './step.ts'

/** What a program returned, by output name. */
export type Results = Readonly<Record<string, HostTensor>>

/** Most examples of a batch that is only measured, and most elements of the largest tensor in an evaluation: 32 MiB. */
export const mostExamples = 500
const mostElements = 2 ** 23

/** Elements per example of the largest tensor that depends on the input. */
function largestPerExample({ input, output }: Traced): number {
  const moving = new Set<Value>([input])
  let largest = sizeOf(input.shape)
  for (const { inputs, outputs } of graph({ output }).nodes) {
    if (!inputs.some((value) => moving.has(value))) continue
    for (const value of outputs) {
      moving.add(value)
      largest = Math.max(largest, sizeOf(value.shape))
    }
  }
  return largest / input.shape[0]!
}

/** Examples per batch of an evaluation: fewer where each has large tensors, such as logits or attention scores per token. */
export const evaluationBatch = ({ traced }: { readonly traced: Traced }): number =>
  Math.max(1, Math.min(mostExamples, Math.floor(mostElements / largestPerExample(traced))))

/** What a cross-entropy in nats per token means for a text: independent of its tokenizer, and as the field says it. */
const textFigures = (nats: number, { bytesPerToken }: TextDataset): Record<string, number> => ({
  bitsPerByte: nats / Math.LN2 / bytesPerToken,
  perplexity: Math.exp(nats),
})

/** The name of what is the cross-entropy alone: a metric, or the loss. */
function crossEntropyName({ loss, metrics }: Recipe): string | undefined {
  const metric = Object.keys(metrics).find((name) => metrics[name] === crossEntropyMetric)
  return metric ?? (loss === crossEntropy ? 'loss' : undefined)
}

export const scalarOf = (value: HostTensor | undefined): number => value?.data[0] ?? NaN

/** Loss and metrics out of a program's results, by their plain names. */
export function named(results: Results): Record<string, number> {
  const entries = Object.entries(results).flatMap(([name, value]) => {
    if (name === 'loss') return [['loss', scalarOf(value)] as const]
    return name.startsWith('metric ') ? [[name.slice('metric '.length), scalarOf(value)] as const] : []
  })
  return Object.fromEntries(entries)
}

export function batchFeeds({ recipe }: Session, batch: Batch): Record<string, HostTensor> {
  return {
    inputs: tensor(batch.inputs, [batch.size, ...recipe.inputs.shape]),
    targets: tensor(batch.targets, [batch.size, ...recipe.targets.shape]),
  }
}

export const scalarFeeds = (values: Readonly<Record<string, number>>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(Float32Array.of(value), [])]))

/** Means over a data set: of the metrics over its examples, of the loss by what each batch counts for. */
export async function measure(session: Session, dataset: Dataset, batchSize: number): Promise<Record<string, number>> {
  const totals = new Map<string, number>()
  const count = (name: string, value: number): unknown => totals.set(name, (totals.get(name) ?? 0) + value)
  for (const batch of inOrder(dataset, batchSize, (type) => session.engine.allocate(type))) {
    const results = await session.programs.run('evaluate', batch.size, batchFeeds(session, batch))
    for (const [name, value] of Object.entries(named(results))) count(name, value)
    count('weight', scalarOf(results['loss weight']))
  }
  const { weight = NaN, ...sums } = Object.fromEntries(totals)
  const means = Object.entries(sums).map(
    ([name, sum]) => [name, sum / (name === 'loss' ? weight : dataset.size)] as const,
  )
  const all = Object.fromEntries(means)
  const nats = crossEntropyName(session.recipe)
  return nats !== undefined && isText(dataset) ? { ...all, ...textFigures(all[nats]!, dataset) } : all
}
