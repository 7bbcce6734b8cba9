import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bits, closing } from '../../test/training.ts'
import { text, type TextOptions } from '../data/text/text.ts'
import type { TextLike } from '../data/text/source.ts'
import type { Tokenizer } from '../data/tokenizer/tokenizer.ts'
import { OptionError } from '../errors.ts'
import { gpt } from '../models/gpt.ts'
import { crossEntropy } from '../nn/loss.ts'
import { adamW } from '../optim/adam.ts'
import { compile } from './compile.ts'
import { localEngine } from './generation/tiny-session.test-kit.ts'
import { type Completion, type GenerateOptions, LanguageModel } from './language-model.ts'
import { Session } from './session.ts'

const context = 24
const sentence = '深度残差网络。' // 21 bytes
const options: TextOptions = { tokenizer: 'byte', context, stride: 7, validation: 0 }
const netOf = (vocabulary: number) =>
  gpt({
    ...{ layers: 1, heads: 2, width: 32, vocabulary, positions: 'rotary' },
    wiring: { norm: 'rms', placement: 'pre' },
  })
const optimizer = adamW({ learningRate: 0.01 })

interface Made {
  readonly model: LanguageModel
  readonly session: Session
}

/** A model of a text on an engine in this thread. */
async function modelOf(source: TextLike = new Array<string>(60).fill(sentence), chosen = options): Promise<Made> {
  const { train, tokenizer, vocabulary } = await text(source, chosen)
  const { inputs, targets } = train
  const example = ({ dtype, shape }: typeof inputs) => ({ dtype, shape })
  const recipe = {
    ...{ net: netOf(vocabulary), inputs: example(inputs), targets: example(targets) },
    ...{ loss: crossEntropy, optimizer, metrics: {} },
  }
  const session = new Session(recipe, await localEngine(), 1)
  await session.initialize()
  return { session, model: new LanguageModel(session, train, {}, { tokenizer }) }
}

async function train({ model }: Made, steps: number): Promise<Made['model']> {
  for await (const event of model.train({ steps, batchSize: 8 })) if (event.type === 'diverged') throw Error('diverged')
  return model
}

/** One that knows the sentence by heart, separators included. */
const trained = modelOf().then((made) => train(made, 80))

async function streamed(
  model: LanguageModel,
  prompt: string,
  chosen: GenerateOptions,
): Promise<{ pieces: string[]; completion: Completion }> {
  const pieces: string[] = []
  const stream = model.generate(prompt, chosen)
  for (;;) {
    const next = await stream.next()
    if (next.done) return { pieces, completion: next.value }
    pieces.push(next.value)
  }
}

test('pieces are whole characters, and joined they are the text of the tokens', async () => {
  const model = await trained
  const { pieces, completion } = await streamed(model, '深度', { tokens: 12, temperature: 0 })
  expect(pieces).toEqual(['残', '差', '网', '络'])
  expect(completion).toEqual({
    text: '残差网络',
    tokens: Int32Array.from(Buffer.from('残差网络')),
    reason: 'tokens',
  })
})

test('a character that the last token leaves incomplete comes as U+FFFD', async () => {
  const model = await trained
  const { pieces, completion } = await streamed(model, '深度', { tokens: 5, temperature: 0 })
  expect(pieces).toEqual(['残', '\uFFFD'])
  expect(completion.text).toBe('残\uFFFD')
})

test('a text ends at the separator, or at the tokens asked for', async () => {
  const model = await trained
  const { completion } = await streamed(model, '深度', { tokens: 60, temperature: 0 })
  expect(completion).toEqual({
    text: '残差网络。',
    tokens: Int32Array.from(Buffer.from('残差网络。')),
    reason: 'end',
  })
  const none = await streamed(model, '网络', { tokens: 7, temperature: 0, ends: [] })
  expect(none.completion.text).toBe('。<|endoftext|>深')
  const [first] = Buffer.from('网') as unknown as [number]
  expect((await streamed(model, '深度残差', { temperature: 0, ends: [first] })).completion).toEqual({
    ...{ text: '', tokens: new Int32Array(0), reason: 'end' },
  })
})

test('an empty prompt is the beginning of a text', async () => {
  const model = await trained
  expect((await streamed(model, '', { temperature: 0 })).completion.text).toBe(sentence)
})

test.each([
  ['网络', '残差'],
  [['络。', '差网'], '残'],
  [['never', '。'], '残差网络'],
])('a text ends before the stop string %j', async (stop, expected) => {
  const model = await trained
  const { pieces, completion } = await streamed(model, '深度', { tokens: 30, temperature: 0, stop })
  expect(completion).toMatchObject({ text: expected, reason: 'stop' })
  expect(pieces.join('')).toBe(expected)
})

test('what may be the beginning of a stop string comes once it is not', async () => {
  const model = await trained
  const { pieces, completion } = await streamed(model, '深度', { tokens: 60, temperature: 0, stop: '网络！' })
  expect(pieces).toEqual(['残', '差', '网络。'])
  expect(completion.reason).toBe('end')
})

test('several prompts are completed as each is alone', async () => {
  const model = await trained
  const prompts = ['深度', '残', '深度残差网']
  const together = await model.complete(prompts, { temperature: 0 })
  expect(together.map((one) => one.text)).toEqual(['残差网络。', '差网络。', '络。'])
  for (const [i, prompt] of prompts.entries())
    expect(await model.complete([prompt], { temperature: 0 })).toEqual([together[i]])
})

test('prompt and text are the text of all tokens, whatever the prompt ends with', async () => {
  const { model } = await modelOf() // which writes any bytes
  const prompts = [
    ...['a\uFFFD', 'b\uD83D', '\uFFFD\uFFFD\uFFFD', '字', '😀', 'nine byte'],
    ...fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }), { seed: 1, numRuns: 30 }),
  ]
  const { tokenizer } = model
  for (const [i, { text: own, tokens }] of (await model.complete(prompts, { tokens: 20, ends: [] })).entries()) {
    const before = tokenizer.encode(prompts[i]!)
    expect(tokenizer.decode(before) + own).toBe(tokenizer.decode([...before, ...tokens]))
  }
})

test('the first piece keeps its space, where a tokenizer leaves out that of a text', async () => {
  const words = ['one', 'two', 'three', 'four']
  const { session } = await modelOf('abcd'.repeat(30), { tokenizer: 'char', context, validation: 0 })
  const tokenizer: Tokenizer = {
    ...{ name: 'words', vocabulary: words.length, separator: null, toJson: () => ({}) },
    encode: (sentences) => Int32Array.from(sentences.split(' '), (word) => words.indexOf(word)),
    decode: (ids) => Array.from(ids, (id) => words[id]!).join(' '),
  }
  const model = new LanguageModel(session, null, {}, { tokenizer })
  const prompt = new Array<string>(9).fill('one two').join(' ')
  const { pieces, completion } = await streamed(model, prompt, { tokens: 6 })
  expect(prompt + completion.text).toBe(`${prompt} ${tokenizer.decode(completion.tokens)}`)
  expect(pieces).toEqual(Array.from(completion.tokens, (id) => ` ${words[id]!}`))
})

test('a seed decides the draws', async () => {
  const { model } = await modelOf()
  const drawn = async (seed?: number): Promise<string> =>
    (await model.complete(['深'], { tokens: 20, ...(seed === undefined ? {} : { seed }) }))[0]!.text
  expect(await drawn()).toBe(await drawn(0))
  expect(await drawn(1)).not.toBe(await drawn(0))
})

test('leaving early frees the model; two texts at once are refused', async () => {
  const model = await trained
  for await (const piece of model.generate('深度', { temperature: 0 })) {
    expect(piece).toBe('残')
    break
  }
  const one = model.generate('深度', { temperature: 0 })
  await one.next()
  await expect(model.complete(['深度'])).rejects.toThrow(/is generating already/)
  expect(await one.next()).toEqual({ done: false, value: '差' })
  await one.return({ text: '', tokens: new Int32Array(0), reason: 'cancelled' })
  expect((await model.complete(['深度'], { temperature: 0 }))[0]!.text).toBe('残差网络。')
})

test('an abort signal ends a text', async () => {
  const model = await trained
  const controller = new AbortController()
  const stream = model.generate('深度', { temperature: 0, signal: controller.signal })
  await stream.next()
  controller.abort()
  expect(await stream.next()).toMatchObject({ done: true, value: { text: '残', reason: 'cancelled' } })
})

test('writing in the middle of training changes nothing of it', async () => {
  const [plain, writing] = [await modelOf(), await modelOf()]
  await train(plain, 6)
  const texts = new Set<string>()
  const between = writing.model.generate('深', { tokens: 30, ends: [] })
  for await (const event of writing.model.train({ steps: 6, batchSize: 8 })) {
    if (event.type !== 'step') continue
    const before = bits(await writing.model.weights())
    await between.next() // one text that goes on from step to step
    expect(bits(await writing.model.weights())).toEqual(before)
    if (event.step !== 3) continue
    await between.return({ text: '', tokens: new Int32Array(0), reason: 'cancelled' })
    const [first] = await writing.model.complete(['深', '度'], { tokens: 5 })
    texts.add(first!.text)
  }
  expect(texts.size).toBe(1)
  const paths = plain.session.paths
  expect(bits(await writing.session.engine.read(paths))).toEqual(bits(await plain.session.engine.read(paths)))
  expect(writing.session.position).toEqual(plain.session.position)
})

test.each<readonly [string, string, GenerateOptions, RegExp]>([
  ['an empty stop string', '深', { stop: ['a', ''] }, /a stop string needs at least one character/],
  ['no token', '深', { tokens: 0 }, /tokens must be a whole number/],
  ['a temperature below 0', '深', { temperature: -1 }, /temperature must be 0 or more/],
])('%s is refused', async (_, prompt, chosen, message) => {
  const model = await trained
  await expect(model.complete([prompt], chosen)).rejects.toThrow(OptionError)
  await expect(model.complete([prompt], chosen)).rejects.toThrow(message)
})

test('compile makes a language model of text', async () => {
  const data = await text('hello world. '.repeat(40), { tokenizer: 'char', context: 16, validation: 0 })
  const model = closing(
    await compile(netOf(data.vocabulary), { train: data.train, loss: crossEntropy, optimizer, threads: 1 }),
  )
  await model.fit({ steps: 100, batchSize: 8, progress: false })
  const { pieces, completion } = await streamed(model, 'hello', { tokens: 8, temperature: 0 })
  expect(pieces).toEqual(Array.from(' world. '))
  expect(completion.text).toBe(' world. ')
  await expect(model.complete([''])).rejects.toThrow(/a prompt needs at least one character: char/)
  await expect(model.complete(['HELLO'])).rejects.toThrow(/expected one of its/)
})
