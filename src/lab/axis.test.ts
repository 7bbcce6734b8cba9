import { describe, expect, test } from 'vitest'
import { domainOf, placeAxis } from './axis.ts'

const log = { label: 'y', scale: 'log' } as const
const linear = { label: 'x', scale: 'linear' } as const
const texts = (axis: typeof log | typeof linear, domain: readonly [number, number]): string[] =>
  placeAxis(axis, domain, [0, 100], 7).ticks.map(({ text }) => text)

test('a log axis gives equal lengths to equal factors, and no place to zero', () => {
  const { at } = placeAxis(log, [1e-4, 1e4], [0, 800], 7)
  expect([1e-4, 1e-2, 1, 1e3].map(at)).toEqual([0, 200, 400, 700].map((pixels) => expect.closeTo(pixels, 9) as number))
  expect([0, -1, NaN, Infinity].map(at)).toEqual([NaN, NaN, NaN, NaN])
})

describe('ticks', () => {
  test.each([
    ['one decade', log, [0.05, 0.6], ['0.05', '0.1', '0.2', '0.5']],
    ['some decades', log, [0.5, 20000], ['1', '10', '100', '1000', '10000']],
    ['many decades', log, [1e-11, 1e5], ['10⁻¹⁰', '10⁻⁸', '10⁻⁶', '10⁻⁴', '10⁻²', '10⁰', '10²', '10⁴']],
    ['far out', log, [1e-9, 6e-8], ['10⁻⁹', '2·10⁻⁹', '5·10⁻⁹', '10⁻⁸', '2·10⁻⁸', '5·10⁻⁸']],
    ['a share of a decade', log, [1.9, 4.2], ['2', '2.5', '3', '3.5', '4']],
    ['linear', linear, [0, 3000], ['0', '500', '1,000', '1,500', '2,000', '2,500', '3,000']],
  ] as const)('%s', (_, axis, domain, expected) => {
    expect(texts(axis, domain)).toEqual(expected)
  })
})

describe('domainOf', () => {
  test('leaves out what has no place', () => {
    expect(domainOf([NaN, 3, Infinity, -1, 5], 'linear', 0)).toEqual([-1, 5])
    expect(domainOf([0, 10, -2, 1000, NaN], 'log', 0)).toEqual([expect.closeTo(10), expect.closeTo(1000)])
    expect(domainOf([NaN, 0], 'log')).toEqual([1, 10])
  })

  test('a single value stands in the middle', () => {
    expect(domainOf([3, 3], 'linear')).toEqual([2.5, 3.5])
  })
})
