import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { batches } from '../batch.ts'
import { mobyDick } from '../moby-dick.ts'
import { byteTokenizer } from '../tokenizer/byte.ts'
import type { Tokenizer } from '../tokenizer/tokenizer.ts'
import { corpus, verifyCorpus } from './corpus.ts'
import type { CorpusRecord } from './corpus-record.ts'
import { prepareCorpus } from './prepare.ts'
import type { TextProgress } from './survey.ts'
import { text } from './text.ts'
import type { TextDataset } from './windows.ts'

const root = mkdtempSync(join(tmpdir(), 'residua-corpus-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const fresh = (): string => join(root, `c${folders++}`)

const novel = join(root, 'novel')
beforeAll(async () => {
  await prepareCorpus({ source: mobyDick(), tokenizer: 'bpe:400', folder: novel })
})

/** A copy of a small corpus whose file `name` is what `damage` makes of it. */
async function damaged(name: string, damage: (bytes: Buffer) => Buffer | string): Promise<string> {
  const folder = fresh()
  await prepareCorpus({ source: ['one document', 'another one'], tokenizer: 'byte', folder, validation: 0.5 })
  writeFileSync(join(folder, name), damage(readFileSync(join(folder, name))))
  return folder
}
const edited =
  (edit: (record: CorpusRecord) => unknown) =>
  (bytes: Buffer): string =>
    JSON.stringify(edit(JSON.parse(bytes.toString()) as CorpusRecord))

/** Inputs and targets of all examples, as bytes, since those compare fast. */
function windows(dataset: TextDataset): Buffer[] {
  const rows = Uint32Array.from({ length: dataset.size }, (_, i) => i)
  return [dataset.inputs, dataset.targets].map((column) => {
    const into = new Int32Array(rows.length * column.shape[0]!)
    column.gather(rows, into)
    return Buffer.from(into.buffer)
  })
}

const hash = (data: NodeJS.ArrayBufferView): string => createHash('sha256').update(data).digest('hex')
const equal = (a: readonly Buffer[], b: readonly Buffer[]): boolean => a.every((bytes, i) => bytes.equals(b[i]!))

test('the folder and its record', () => {
  expect(readdirSync(novel).sort()).toEqual(['corpus.json', 'tokenizer.json', 'train.tokens', 'validation.tokens'])
  const { record, train, validation, tokenizer, vocabulary, context } = corpus(novel, { context: 64 })
  expect([vocabulary, tokenizer.name, tokenizer.separator, context]).toEqual([400, 'bpe:400', 399, 64])
  expect([record.name, record.dtype, record.split]).toEqual(['moby-dick', 'uint16', { validation: 0.1, seed: 0 }])
  expect(record.parts.train.documents + record.parts.validation!.documents).toBe(139)
  expect(record.parts.train.bytes + record.parts.validation!.bytes).toBe(
    [...mobyDick().documents()].reduce((sum, document) => sum + Buffer.byteLength(document), 0),
  )
  expect(record.tokenizer.learntFrom).toBeGreaterThan(1_000_000)
  expect([train.tokens, train.classes]).toEqual([record.parts.train.tokens, 400])
  expect(validation!.bytesPerToken).toBe(record.parts.validation!.bytes / record.parts.validation!.tokens)
  const bytes = readFileSync(join(novel, 'train.tokens')).subarray(24)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(record.parts.train.sha256)
  verifyCorpus(novel)
})

test('equal to the same text in memory, window by window', async () => {
  const options = { context: 33, stride: 17 }
  const inMemory = await text(mobyDick(), { tokenizer: 'bpe:400', ...options })
  const onDisk = corpus(novel, options)
  for (const part of ['train', 'validation'] as const) {
    expect(onDisk[part]!.size).toBe(inMemory[part]!.size)
    expect(equal(windows(onDisk[part]!), windows(inMemory[part]!))).toBe(true)
    const { name, tokens, bytesPerToken, classes } = inMemory[part]!
    expect(onDisk[part]).toMatchObject({ name, tokens, bytesPerToken, classes })
  }
  expect(onDisk.tokenizer.toJson()).toEqual(inMemory.tokenizer.toJson())
})

test.each(['char', 'byte', 'bpe:300'] as const)('small texts with %s, in memory and on disk', async (tokenizer) => {
  const documents = fc.array(fc.string({ unit: 'grapheme', minLength: 3, maxLength: 20 }), {
    minLength: 1,
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(documents, fc.nat(5), fc.constantFrom(0, 0.3), async (source, seed, validation) => {
      fc.pre(Array.from(source.join('')).length > 12)
      const folder = fresh()
      await prepareCorpus({ source, tokenizer, folder, seed, validation })
      const inMemory = await text(source, { tokenizer, seed, validation, context: 1 })
      const onDisk = corpus(folder, { context: 1 })
      expect(equal(windows(onDisk.train), windows(inMemory.train))).toBe(true)
      expect(onDisk.validation === null).toBe(validation === 0)
      if (validation > 0) expect(equal(windows(onDisk.validation!), windows(inMemory.validation!))).toBe(true)
    }),
    { numRuns: 15 },
  )
})

test('batches go on from any cursor with the same bytes', () => {
  const { train } = corpus(novel, { context: 64 })
  const options = { batchSize: 1000, seed: 5 }
  const walk = batches(train, options)
  const all = Array.from({ length: 12 }, () => walk.next().value)
  expect(all.at(-1)!.epoch).toBeGreaterThan(0)
  for (const at of [0, 4, 8]) {
    const resumed = batches(corpus(novel, { context: 64 }).train, { ...options, from: all[at]!.next })
    for (const expected of all.slice(at + 1, at + 4)) {
      const { inputs, targets, ...position } = resumed.next().value
      expect(position).toEqual({
        size: expected.size,
        epoch: expected.epoch,
        index: expected.index,
        next: expected.next,
      })
      expect([inputs, targets].map(hash)).toEqual([expected.inputs, expected.targets].map(hash))
    }
  }
})

test('the same text, seed and tokenizer give the same bytes', async () => {
  const folder = fresh()
  await prepareCorpus({ source: mobyDick(), tokenizer: 'bpe:400', folder })
  for (const name of readdirSync(novel)) {
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(novel, name)))).toBe(true)
  }
})

test('a vocabulary of more than 65,536 takes four bytes', async () => {
  const wide: Tokenizer = { ...byteTokenizer(), vocabulary: 2 ** 16 + 1, encode: () => Int32Array.of(2 ** 16, 3) }
  const folder = fresh()
  const record = await prepareCorpus({ source: ['a', 'b'], tokenizer: wide, folder, validation: 0 })
  expect([record.dtype, record.parts.validation]).toEqual(['uint32', null])
  expect(readdirSync(folder)).not.toContain('validation.tokens')
  expect(readFileSync(join(folder, 'train.tokens'))).toHaveLength(24 + 4 * 5)
})

test('progress comes in phases and ends with all of the text', async () => {
  const seen: TextProgress[] = []
  const source = ['aa', 'bé', 'cc']
  await prepareCorpus({ source, tokenizer: 'bpe:258', folder: fresh(), onProgress: (progress) => seen.push(progress) })
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['count', 'tokenizer', 'encode'])
  expect(seen.at(-1)).toEqual({ phase: 'encode', documents: 3, bytes: 7, totalBytes: 7 })
})

test('an abort leaves nothing, whenever it comes', async () => {
  const parent = fresh()
  mkdirSync(parent)
  for (const phase of ['count', 'encode'] as const) {
    const stop = new AbortController()
    const source = Array.from({ length: 50_000 }, (_, i) => `document ${i}`)
    const preparing = prepareCorpus({
      source,
      tokenizer: 'byte',
      folder: join(parent, 'corpus'),
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.phase !== phase || progress.documents !== 100) return
        stop.abort()
        if (phase === 'encode') expect(readdirSync(parent)).toHaveLength(1)
        const until = performance.now() + 60
        while (performance.now() < until);
      },
    })
    const error: unknown = await preparing.catch((thrown: unknown) => thrown)
    expect(stop.signal.aborted).toBe(true)
    expect(error).toBe(stop.signal.reason)
    expect(readdirSync(parent)).toEqual([])
  }
  const signal = AbortSignal.abort('before')
  await expect(prepareCorpus({ source: 'text', tokenizer: 'byte', folder: fresh(), signal })).rejects.toBe('before')
})

test('a failure half-way leaves nothing', async () => {
  const parent = fresh()
  const folder = join(parent, 'deep/corpus')
  const failing: Tokenizer = {
    ...byteTokenizer(),
    encode: (document) => {
      if (document === 'b') throw new DataError('no b')
      return Int32Array.of(1, 2)
    },
  }
  await expect(prepareCorpus({ source: ['a', 'b'], tokenizer: failing, folder })).rejects.toThrow('no b')
  expect(readdirSync(join(parent, 'deep'))).toEqual([])
  await expect(prepareCorpus({ source: 'ab', tokenizer: 'char', folder, validation: 0.9 })).rejects.toThrow(
    'strings.train: expected at least 2 tokens, got 0; give more text',
  )
  expect(readdirSync(join(parent, 'deep'))).toEqual([])
})

test('an empty folder is used, any other is refused before any work', async () => {
  const folder = fresh()
  mkdirSync(folder)
  await prepareCorpus({ source: 'some text', tokenizer: 'byte', folder, validation: 0 })
  const again = prepareCorpus({ source: 'some text', tokenizer: 'byte', folder })
  await expect(again).rejects.toThrow(OptionError)
  await expect(again).rejects.toThrow('expected a folder that does not exist yet; remove it or choose another')
  const file = fresh()
  writeFileSync(file, '')
  await expect(prepareCorpus({ source: 'x', tokenizer: 'byte', folder: file })).rejects.toThrow(OptionError)
  const below = prepareCorpus({ source: 'some text', tokenizer: 'byte', folder: join(file, 'corpus') })
  await expect(below).rejects.toThrow(DataError)
})

test.each<[string, string, (bytes: Buffer) => Buffer | string, string]>([
  ['cut tokens', 'train.tokens', (bytes) => bytes.subarray(0, -1), 'expected size in bytes'],
  ['wrong magic', 'validation.tokens', (bytes) => bytes.fill(0, 0, 1), 'it is no file of tokens'],
  ['no JSON', 'corpus.json', () => '{', 'corpus.json: expected JSON'],
  ['another JSON', 'corpus.json', () => '[]', 'corpus.json: '],
  ['a later version', 'corpus.json', edited((json) => ({ ...json, version: 2 })), 'expected version 1, got 2'],
  ['unknown fields', 'corpus.json', edited((json) => ({ ...json, files: ['../x'] })), 'files'],
  [
    'a count that lies',
    'corpus.json',
    edited(({ parts, ...rest }) => ({ ...rest, parts: { ...parts, validation: { ...parts.train, tokens: 1e15 } } })),
    'expected the number of tokens in its header 1000000000000000, got 11',
  ],
  [
    'a fraction of a token',
    'corpus.json',
    edited(({ parts, ...rest }) => ({ ...rest, parts: { ...parts, train: { ...parts.train, tokens: 1.5 } } })),
    '"parts.train.tokens"',
  ],
  ['another dtype', 'corpus.json', edited((json) => ({ ...json, dtype: 'uint32' })), 'expected uint16 for 257 tokens'],
  [
    'another vocabulary',
    'corpus.json',
    edited((json) => ({ ...json, tokenizer: { ...json.tokenizer, vocabulary: 300 } })),
    'tokenizer.json: expected a vocabulary of 300, got 257',
  ],
  [
    'another tokenizer',
    'tokenizer.json',
    (bytes) => `${bytes.toString()} `,
    'it is not the tokenizer that corpus.json',
  ],
])('%s is refused on opening', async (_, name, damage, message) => {
  const folder = await damaged(name, damage)
  expect(() => corpus(folder, { context: 2 })).toThrow(DataError)
  expect(() => corpus(folder, { context: 2 })).toThrow(message)
})

test('an id out of range is found when it is read, a changed bit by verifying', async () => {
  const wide = await damaged('train.tokens', (bytes) => bytes.fill(255, 26, 28))
  const { train } = corpus(wide, { context: 2 })
  expect(() => windows(train)).toThrow('train.tokens: token 1: expected an id from 0 to 256, got 65535')
  const changed = await damaged('validation.tokens', (bytes) => bytes.fill(1, 24, 25))
  corpus(changed, { context: 2 })
  expect(() => verifyCorpus(changed)).toThrow('validation.tokens: its content is not what corpus.json says')
})

test('no corpus, parts that are too short, options', () => {
  expect(() => corpus(fresh(), { context: 2 })).toThrow('corpus.json: cannot read (ENOENT). It is missing')
  expect(() => corpus(novel, { context: 1e6 })).toThrow('expected at least 1000001 tokens')
  expect(() => corpus(novel, { context: 0 })).toThrow(OptionError)
  const copy = fresh()
  cpSync(novel, copy, { recursive: true })
  const { train } = corpus(copy, { context: 8 })
  truncateSync(join(copy, 'train.tokens'), 100)
  expect(() => windows(train)).toThrow('it was changed since it was opened')
})
