import { expect, test } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { strings, type TextSource } from './source.ts'
import { boundary, checkSplit, type Piece, splitDocuments } from './split.ts'

const numbers = Array.from({ length: 20 }, (_, i) => `d${i}`)
const parts = (documents: readonly string[], validation: number, seed = 0): Piece[] => {
  const count = documents.filter((text) => text !== '').length
  return [...splitDocuments(strings(documents), count, { validation, seed })]
}
const held = (pieces: readonly Piece[]): string[] =>
  pieces.filter(({ part }) => part === 'validation').map(({ text }) => text)

test('documents keep their order; the seed draws which are held out', () => {
  const pieces = parts(numbers, 0.25)
  expect(pieces.map(({ text }) => text)).toEqual(numbers)
  expect(held(pieces)).toHaveLength(5)
  expect(held(parts(numbers, 0.25))).toEqual(held(pieces))
  expect(held(parts(numbers, 0.25, 1))).not.toEqual(held(pieces))
})

test('both sides get a document; empty documents count for nothing', () => {
  expect(held(parts(numbers, 0.001))).toHaveLength(1)
  expect(held(parts(numbers, 0.999))).toHaveLength(19)
  expect(held(parts(numbers, 0))).toEqual([])
  expect(parts(['', 'a', '', 'b'], 0.5).map(({ text }) => text)).toEqual(['a', 'b'])
})

test('an only document gives its end', () => {
  expect(parts(['0123456789'], 0.3)).toEqual([
    { part: 'train', text: '0123456' },
    { part: 'validation', text: '789' },
  ])
  expect(parts(['0123456789', ''], 0)).toEqual([{ part: 'train', text: '0123456789' }])
  expect(parts(['😀😀😀'], 0.5).map(({ text }) => text)).toEqual(['😀', '😀😀'])
})

test('a pair of surrogates is not cut', () => {
  expect([0, 1, 2, 3, 4].map((at) => boundary('a😀b', at))).toEqual([0, 1, 1, 3, 4])
  expect(boundary('\ud83da', 1)).toBe(1)
})

test('a source that changes between two readings is noticed', () => {
  const gives = (count: number): TextSource => strings(numbers.slice(0, count))
  const read = (count: number): Piece[] => [...splitDocuments(gives(count), 3, { validation: 0.5, seed: 0 })]
  expect(read(3)).toHaveLength(3)
  expect(() => read(2)).toThrow(DataError)
  expect(() => read(4)).toThrow('strings: expected the same documents at every reading')
})

test('shares and seeds', () => {
  for (const validation of [-0.1, 1, NaN]) expect(() => checkSplit({ validation, seed: 0 })).toThrow(OptionError)
  expect(() => checkSplit({ validation: 0, seed: -1 })).toThrow(OptionError)
  expect(() => checkSplit({ validation: 0.99, seed: 7 })).not.toThrow()
})
