import { expect, test } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { inOrder } from '../batch.ts'
import { mobyDick } from '../moby-dick.ts'
import { byteTokenizer } from '../tokenizer/byte.ts'
import { charTokenizer } from '../tokenizer/char.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { joined, strings, type TextSource } from './source.ts'
import { splitDocuments } from './split.ts'
import { text, type TextOptions } from './text.ts'
import { chooseTokenizer, trainingSample } from './tokenizer-choice.ts'
import type { TextDataset } from './windows.ts'

interface Windows {
  readonly inputs: number[][]
  readonly targets: number[][]
}

function windowsOf(dataset: TextDataset): Windows {
  const context = dataset.inputs.shape[0]!
  const [batch] = inOrder(dataset, dataset.size)
  const rows = (data: Float32Array | Int32Array): number[][] =>
    Array.from({ length: dataset.size }, (_, i) => [...data.subarray(i * context, (i + 1) * context)])
  return { inputs: rows(batch!.inputs), targets: rows(batch!.targets) }
}

/** The text of consecutive windows without overlap, and of the last target. */
function spelled(dataset: TextDataset): string {
  const { inputs, targets } = windowsOf(dataset)
  return dataset.tokenizer.decode([...inputs.flat(), targets.at(-1)!.at(-1)!])
}

test('windows of characters and the same one further', async () => {
  const data = await text('abcdefgh', { tokenizer: 'char', context: 3, validation: 0 })
  expect([data.vocabulary, data.context, data.validation, data.tokenizer.name]).toEqual([8, 3, null, 'char'])
  const { train } = data
  expect([train.name, train.size, train.tokens, train.classes]).toEqual(['strings.train', 2, 8, 8])
  expect([train.inputs.shape, train.targets.shape, train.inputs.dtype]).toEqual([[3], [3], 'int32'])
  expect(windowsOf(train)).toEqual({
    inputs: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    targets: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  })
})

test.each([
  { length: 8, context: 7, stride: 7, starts: [0] },
  { length: 9, context: 4, stride: 4, starts: [0, 4] },
  { length: 8, context: 3, stride: 1, starts: [0, 1, 2, 3, 4] },
  { length: 12, context: 2, stride: 4, starts: [0, 4, 8] },
])('windows of $context every $stride tokens of $length', async ({ length, context, stride, starts }) => {
  const letters = 'abcdefghijkl'.slice(0, length)
  const { train } = await text(letters, { tokenizer: 'char', context, stride, validation: 0 })
  expect(windowsOf(train).inputs.map(([first]) => first)).toEqual(starts)
  expect(windowsOf(train).targets.at(-1)!.at(-1)).toBe(starts.at(-1)! + context)
})

test('documents are packed in order with the separator or a blank line between them', async () => {
  const documents = ['one', 'zwei', '', 'drei']
  const bytes = await text(documents, { tokenizer: 'byte', context: 12, validation: 0 })
  expect(spelled(bytes.train)).toBe('one<|endoftext|>zwei<|endoftext|>drei')
  expect([bytes.train.tokens, bytes.train.bytesPerToken]).toEqual([13, 11 / 13])
  const characters = await text(documents, { tokenizer: 'char', context: 14, validation: 0 })
  expect(spelled(characters.train)).toBe('one\n\nzwei\n\ndrei')
  expect([characters.train.tokens, characters.train.bytesPerToken]).toEqual([15, 1])
})

test('bytes per token count UTF-8', async () => {
  const { train } = await text('aä€😀', { tokenizer: 'char', context: 3, validation: 0 })
  expect([train.tokens, train.bytesPerToken]).toEqual([4, 10 / 4])
})

test('the characters of held out documents are in the vocabulary, byte pairs come from training alone', async () => {
  const documents = ['aaab', 'aaac', 'aaad', 'aaae']
  const characters = await text(documents, { tokenizer: 'char', context: 3, validation: 0.5 })
  expect(characters.vocabulary).toBe(6) // a to e and the line end
  const source = strings(['xyxyxyxy', 'zwzwzwzw'])
  const split = { validation: 0.5, seed: 0 }
  const train = [...splitDocuments(source, 2, split)].find(({ part }) => part === 'train')!.text
  const pairs = await text(source, { tokenizer: 'bpe:258', context: 2, ...split })
  expect(pairs.vocabulary).toBe(258)
  expect(pairs.tokenizer.encode(train)).toHaveLength(4)
  expect(pairs.tokenizer.encode(train === 'xyxyxyxy' ? 'zwzwzwzw' : 'xyxyxyxy')).toHaveLength(8)
})

test('an only document is cut in two and needs no line end in its vocabulary', async () => {
  const data = await text('abcdefghij', { tokenizer: 'char', context: 2, validation: 0.3 })
  expect([data.vocabulary, data.train.tokens, data.validation?.tokens]).toEqual([10, 7, 3])
  expect(spelled(data.validation!)).toBe('hij')
})

test('Moby-Dick by default settings', async () => {
  const { train, validation, vocabulary } = await text(mobyDick(), { tokenizer: 'char', context: 64 })
  expect([vocabulary, train.name, validation!.name]).toEqual([89, 'moby-dick.train', 'moby-dick.validation'])
  expect(train.tokens + validation!.tokens).toBe(1_217_258 + 2 * (139 - 2))
  expect(validation!.tokens / train.tokens).toBeGreaterThan(0.05)
})

test('sources are read anew for every pass and may be joined', async () => {
  let readings = 0
  const source: TextSource = {
    name: 'counted',
    *documents() {
      readings++
      yield 'ab'
    },
  }
  const both = joined([source, strings(['cd'], 'more')])
  expect(both.name).toBe('counted+more')
  const { train } = await text(both, { tokenizer: 'byte', context: 4, validation: 0 })
  expect(spelled(train)).toBe('ab<|endoftext|>cd')
  expect(readings).toBe(2)
})

test('a sample of the training documents stays below its limit', () => {
  const documents = Array.from({ length: 400 }, (_, i) => String(i).padStart(10, '.'))
  const split = { validation: 0.5, seed: 3 }
  const sample = [...trainingSample(strings(documents), 400, 4000, split, 500)]
  const train = [...splitDocuments(strings(documents), 400, split)].filter(({ part }) => part === 'train')
  const allowed = new Set(train.map(({ text: document }) => document))
  expect(sample.slice(0, -1).every((document) => allowed.has(document))).toBe(true)
  expect(sample.join('').length).toBeGreaterThan(300)
  expect(sample.join('').length).toBeLessThanOrEqual(500)
  expect(documents.indexOf(sample.at(-2)!)).toBeGreaterThan(300)
  expect([...trainingSample(strings(documents), 400, 4000, split, 5000)]).toHaveLength(200)
  expect([...trainingSample(strings(['ab😀cd']), 1, 6, { validation: 0, seed: 0 }, 3)]).toEqual(['ab'])
})

test('what was learnt from is said', () => {
  const source = strings(['abab', 'cdcd'])
  const size = { documents: 2, characters: 8, bytes: 8 }
  const split = { validation: 0.5, seed: 0 }
  expect(chooseTokenizer('bpe:257', source, size, split).learntFrom).toBe(4)
  expect(chooseTokenizer('byte', source, size, split).learntFrom).toBeNull()
})

test.each([
  [{ context: 0 }, 'expected context to be a whole number >= 1, got 0'],
  [{ context: 2.5 }, 'expected context to be a whole number >= 1, got 2.5'],
  [{ stride: 0 }, 'expected stride to be a whole number >= 1, got 0'],
  [{ validation: 1 }, 'expected validation to be a share'],
  [{ seed: -1 }, 'seed: expected an integer >= 0'],
  [{ tokenizer: 'word' as 'char' }, 'expected tokenizer to be char, byte, bpe:<vocabulary>'],
  [{ tokenizer: 'bpe:x' as 'char' }, 'got "bpe:x"'],
  [{ tokenizer: 'bpe:3' as const }, 'vocabulary: expected an integer from 257'],
] satisfies [Partial<TextOptions>, string][])('options %j', async (options, message) => {
  const reading = text('some text', { tokenizer: 'char', context: 2, ...options })
  await expect(reading).rejects.toThrow(OptionError)
  await expect(reading).rejects.toThrow(message)
})

test('text that is too short, or none', async () => {
  const options: TextOptions = { tokenizer: 'char', context: 8 }
  await expect(text('0123456789', options)).rejects.toThrow(
    'strings.validation: expected at least 9 tokens, context + 1, got 1; give more text or choose a shorter context',
  )
  await expect(text('01234567', { ...options, validation: 0 })).rejects.toThrow(
    'strings.train: expected at least 9 tokens',
  )
  await expect(text([], options)).rejects.toThrow('expected at least one document with text, got none')
  await expect(text(['', ''], options)).rejects.toThrow(DataError)
})

test('a tokenizer that does not fit the text, or lies about its ids', async () => {
  const options = { context: 2, validation: 0 }
  await expect(text(['ab', 'ba'], { tokenizer: charTokenizer('ab'), ...options })).rejects.toThrow('"\\n" (U+000A)')
  const lying: Tokenizer = { ...byteTokenizer(), vocabulary: 100 }
  await expect(text('az.z', { tokenizer: lying, ...options })).rejects.toThrow(
    'byte: expected ids from 0 to 99, got 122',
  )
})

test('rows and room are checked', async () => {
  const { train } = await text('abcdefgh', { tokenizer: 'char', context: 3, validation: 0 })
  expect(() => train.inputs.gather([2], new Int32Array(3))).toThrow('expected an example from 0 to 1, got 2')
  expect(() => train.inputs.gather([0.5], new Int32Array(3))).toThrow(DataError)
  expect(() => train.targets.gather([0], new Int32Array(4))).toThrow('expected room for int32[3], got int32[4]')
  expect(() => train.targets.gather([0], new Float32Array(3))).toThrow('got float32[3]')
})
