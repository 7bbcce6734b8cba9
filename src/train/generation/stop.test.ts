import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stopFilter } from './stop.ts'

/** Reads on letter by letter until what was read ends in a stop string; gives the text before the longest such one. */
function upToStop(text: string, stops: readonly string[]): { text: string; stopped: boolean } {
  for (let end = 1; end <= text.length; end++) {
    const read = text.slice(0, end)
    const lengths = stops.filter((stop) => read.endsWith(stop)).map(({ length }) => length)
    if (lengths.length > 0) return { text: read.slice(0, end - Math.max(...lengths)), stopped: true }
  }
  return { text, stopped: false }
}

const word = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength, maxLength })

test('however a text is cut, what comes through is the text up to the first stop string', () => {
  const stops = fc.array(word(4, 1), { maxLength: 3 })
  fc.assert(
    fc.property(fc.array(word(5), { maxLength: 8 }), stops, (pieces, given) => {
      const filter = stopFilter(given)
      let text = ''
      for (const piece of pieces) text += filter.push(piece)
      text += filter.end()
      expect({ text, stopped: filter.stopped }).toEqual(upToStop(pieces.join(''), given))
    }),
    { numRuns: 2000 },
  )
})

test('only a tail that may be the beginning of a stop string is held back', () => {
  const stops = fc.array(word(4, 1), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(word(10), stops, (text, given) => {
      const filter = stopFilter(given)
      const through = filter.push(text)
      if (filter.stopped) return
      const held = text.slice(through.length)
      expect(held === '' || given.some((stop) => stop.startsWith(held))).toBe(true)
      for (let i = 0; i < through.length; i++) {
        const tail = text.slice(i)
        expect(given.some((stop) => stop.startsWith(tail))).toBe(false)
      }
    }),
    { numRuns: 2000 },
  )
})

test('nothing comes after a stop string', () => {
  const filter = stopFilter(['END'])
  expect([filter.push('one E'), filter.push('N'), filter.push('D two'), filter.push('three'), filter.end()]).toEqual([
    'one ',
    '',
    '',
    '',
    '',
  ])
})
