import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shantyData } from '../../test/text-model.ts'
import { bits, closing, collect, fresh, leaveAt, small, stored } from '../../test/training.ts'
import { arrays } from '../data/arrays.ts'
import type { Dataset } from '../data/dataset.ts'
import { trace } from '../graph/scope.ts'
import { type GptOptions, gpt } from '../models/gpt.ts'
import { transformer } from '../models/transformer.ts'
import { crossEntropy, crossEntropyWith } from '../nn/loss.ts'
import { adamW } from '../optim/adam.ts'
import { compile, type CompileOptions, load } from './compile.ts'
import type { SampleEvent, StepEvent, TrainEvent } from './events.ts'
import { readEvents } from './files/events.ts'
import type { LanguageModel } from './language-model.ts'
import { evaluationBatch } from './measure.ts'
import * as metrics from './metrics.ts'
import type { TrainOptions } from './model.ts'
import { tensor } from '../tensor.ts'

const { train, validation, vocabulary } = await shantyData('char')
const optimizer = adamW({ learningRate: 3e-3 })
const net = (options: Partial<GptOptions> = {}) =>
  gpt({ layers: 1, heads: 2, width: 16, vocabulary, context: 32, ...options })

async function writer(options: Partial<Pick<CompileOptions, 'loss' | 'metrics'>> = {}): Promise<LanguageModel> {
  return closing(await compile(net({ dropout: 0.1 }), { train, loss: crossEntropy, optimizer, threads: 1, ...options }))
}

const ofType = <T extends TrainEvent['type']>(events: readonly TrainEvent[], type: T) =>
  events.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type)

describe('samples', () => {
  const sample = { every: 2, prompt: 'Line 1', tokens: 6, temperature: 0.8 }
  const options: TrainOptions = { steps: 5, batchSize: 8, checkpointEvery: 3, runAhead: true }

  test('come after their steps, are recorded, and change no bit', async () => {
    const plain = await writer()
    await collect(plain.train(options))
    const model = await writer()
    const run = fresh()
    const events = await collect(model.train({ ...options, run, sample, evaluate: validation!, evaluateEvery: 4 }))
    expect(events.map(({ type, step }) => `${type} ${step}`)).toEqual([
      ...['step 1', 'step 2', 'sample 2', 'step 3', 'checkpoint 3', 'step 4', 'evaluation 4', 'sample 4', 'step 5'],
      ...['evaluation 5', 'end 5'],
    ])
    const samples = ofType(events, 'sample')
    for (const { prompt, text } of samples) expect([prompt, text.length]).toEqual(['Line 1', 6])
    expect(readEvents(run).filter(({ type }) => type === 'sample')).toEqual(samples)
    expect(bits(await model.weights())).toEqual(bits(await plain.weights()))
  })

  test('are those that the model writes at that step', async () => {
    const model = await writer()
    const [event] = ofType(await collect(model.train({ ...options, steps: 2, sample })), 'sample') as [SampleEvent]
    const { every: _, prompt, ...asked } = sample
    expect(event.text).toBe((await model.complete([prompt], asked))[0]!.text)
  })

  test('that a loop left behind are made when it goes on; the run ends as if it had not been left', async () => {
    const [whole, left] = [fresh(), fresh()]
    await collect((await writer()).train({ ...options, run: whole, sample }))
    await leaveAt(2, (await writer()).train({ ...options, runAhead: false, run: left, sample }))
    const events = await collect((await writer()).train({ ...options, run: left, sample, resume: true }))
    expect(events[0]).toMatchObject({ type: 'sample', step: 2 })
    const samplesOf = (run: string) => readEvents(run).filter(({ type }) => type === 'sample')
    expect(samplesOf(left)).toEqual(samplesOf(whole))
    expect(stored(left)).toEqual(stored(whole))
  })

  test('that cannot be are refused before anything is made', async () => {
    const run = fresh()
    const model = await writer()
    const refuses = async (wrong: Partial<typeof sample>, message: string): Promise<void> => {
      await expect(collect(model.train({ ...options, run, sample: { ...sample, ...wrong } }))).rejects.toThrow(message)
    }
    await refuses({ every: 0 }, 'train: sample.every must be an integer >= 1, got 0')
    await refuses({ prompt: 'ü' }, 'tokenizer char: expected one of its')
    await refuses({ prompt: '' }, 'generate: a prompt needs at least one character')
    await refuses({ tokens: 0 }, 'generate: tokens must be a whole number of at least 1, got 0')
    await refuses({ temperature: -1 }, 'generate: temperature must be 0 or more, got -1')
    expect(existsSync(run)).toBe(false)
    await expect(collect((await small()).train({ ...options, sample }))).rejects.toThrow(
      'train: sample expected a net that was compiled for text',
    )
  })
})

test('steps say how many tokens they took, and the pace what each costs', async () => {
  const model = await writer()
  const [step] = ofType(await collect(model.train({ steps: 1, batchSize: 6, accumulate: 2 })), 'step') as [StepEvent]
  expect([step.examples, step.tokens]).toEqual([12, 12 * 32])
  const pace = await model.pace({ batchSize: 6 })
  const { flopsPerToken, machineRate } = pace!
  expect(flopsPerToken).toBeGreaterThan(6 * model.parameterCount)
  expect(flopsPerToken).toBeLessThan(30 * model.parameterCount)
  expect(machineRate).toBeGreaterThan(1e8)

  const rows = await small()
  const [other] = ofType(await collect(rows.train({ steps: 1 })), 'step')
  expect(other).not.toHaveProperty('tokens')
  expect(await rows.pace()).toBeNull()
})

test('with a z-loss the figures of a text come from the cross-entropy alone, also of a run that is loaded', async () => {
  const run = fresh()
  const loss = crossEntropyWith({ zLoss: 0.01 })
  const model = await writer({ loss, metrics: { crossEntropy: metrics.crossEntropy } })
  const plain = await writer()
  await collect(model.train({ steps: 2, batchSize: 8, run }))
  await plain.setWeights(await model.weights())
  const [measured, nats] = [await model.evaluate(validation!), await plain.evaluate(validation!)]
  const own = measured as Record<string, number>
  expect(own.crossEntropy).toBeCloseTo(nats.loss, 5)
  expect(own.perplexity).toBeCloseTo(Math.exp(nats.loss), 3)
  expect(own.bitsPerByte).toBeCloseTo(nats.loss / Math.LN2 / validation!.bytesPerToken, 5)
  const added = measured.loss - nats.loss
  expect(added).toBeGreaterThan(0.01 * 0.5 * Math.log(vocabulary) ** 2)
  expect(await closing(await load(run, { threads: 1 })).evaluate(validation!)).toEqual(measured)
})

describe('tokens that the net does not know', () => {
  const rows = (bad: number, name = 'rows'): Dataset => {
    const inputs = Int32Array.from({ length: 5000 * 4 }, (_, i) => i % 7)
    inputs[4998 * 4 + 2] = bad
    return arrays({ inputs, targets: new Int32Array(5000), shape: [4], classes: 3, name })
  }
  const classifier = gpt({ layers: 1, heads: 1, width: 4, vocabulary: 7 })
  const labelled = (label: number): Dataset => {
    const { targets, ...rest } = rows(0, 'labelled')
    return {
      ...rest,
      targets: { ...targets, shape: [4], gather: (at, into) => into.fill(at.length > 4000 ? 0 : label) },
    }
  }
  const options = { loss: crossEntropy, optimizer, threads: 1 }
  const message = (where: string, id: number, example: number): string =>
    `${where}: expected tokens from 0 to 6, got ${id} in example ${example}. Encode with the tokenizer`

  test.each([-1, 7])('%i is refused with its example', async (id) => {
    const bad = { ...rows(id), targets: labelled(0).targets }
    await expect(compile(classifier, { ...options, train: bad })).rejects.toThrow(message('compile: rows', id, 4998))
    const model = closing(await compile(classifier, { ...options, train: labelled(0) }))
    await expect(model.evaluate(bad)).rejects.toThrow(message('evaluate: rows', id, 4998))
    await expect(collect(model.train({ steps: 1, evaluate: bad }))).rejects.toThrow(
      message('train: evaluate: rows', id, 4998),
    )
    const ids = tensor(Int32Array.of(0, 1, 2, 3, 0, 1, id, 3), [2, 4])
    await expect(model.predict(ids)).rejects.toThrow(message('predict', id, 1))
  })

  test('labels below 0 are refused unless they are to be ignored', async () => {
    const train = labelled(-3)
    await expect(compile(classifier, { ...options, train })).rejects.toThrow(
      'compile: labelled: expected class indices >= 0, got -3 in example 4096. Where it stands for no class, use nn.crossEntropyWith({ ignoreIndex: -3 })',
    )
    closing(await compile(classifier, { ...options, train, loss: crossEntropyWith({ ignoreIndex: -3 }) }))
  })

  test('the two parts of an encoder-decoder are looked up in tables as well', async () => {
    const both = transformer({ kind: 'encoderDecoder', depth: 1, width: 4, heads: 1, vocabulary: 7, source: 2 })
    const targets = { ...labelled(0).targets, shape: [2] }
    await expect(compile(both, { ...options, train: { ...rows(9), targets } })).rejects.toThrow(
      message('compile: rows', 9, 4998),
    )
  })
})

test.each([
  ['logits of many tokens', { vocabulary: 50_257, context: 1024 }, 1],
  ['attention scores of many heads', { vocabulary: 65, heads: 8, context: 512 }, 4],
  ['a small net', { vocabulary: 65, context: 32, width: 16, heads: 1 }, 500],
  ['not a large table', { vocabulary: 200_000, context: 4, width: 64 }, 10],
])('the batch of an evaluation is bounded by %s', (_, options, batch) => {
  const traced = trace(gpt({ layers: 1, heads: 2, width: 64, ...options }), 'int32', [2, options.context])
  expect(evaluationBatch({ traced })).toBe(batch)
})
