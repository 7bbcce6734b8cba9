import { expect, test } from 'vitest'
import { csvLine, figure, pairs, printable, table } from './output.ts'

test('figures', () => {
  expect([0.123456789, 1200, 1e-12, NaN, null, undefined, 'a\x1b[2J'].map(figure)).toEqual([
    ...['0.123457', '1200', '1e-12', 'NaN', '-', '-', 'a?[2J'],
  ])
})

test('control characters do not reach the terminal', () => {
  expect(printable('run\x1b]0;x\x07\n√')).toBe('run?]0;x??√')
})

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['a', 'b'],
      ['long', 'c'],
    ]),
  ).toBe('a     b\nlong  c')
  expect(pairs({ loss: 0.5, steps: 10 })).toBe('loss   0.5\nsteps  10')
})

test('CSV cells are quoted where they must be', () => {
  expect(csvLine(['a', 'b,c', 'say "d"', 'e\nf'])).toBe('a,"b,c","say ""d""","e\nf"')
})

test('columns of Chinese text are aligned as a terminal shows them', () => {
  const lines = table([
    ['组', '损失'],
    ['plain', '0.5'],
  ]).split('\n')
  expect(lines).toEqual(['组     损失', 'plain  0.5'])
})
