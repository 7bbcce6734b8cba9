import { expect, test } from 'vitest'
import { isNumber, parseRows } from './rows.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a header names the columns: any order, further ones are left out', () => {
  const { shape, data } = parseRows(bytes('kind,b,a\nrose,2,1\ntulip,4,3\n'), 'f.csv', ['a', 'b'])
  expect({ shape, data: [...data] }).toEqual({ shape: [2, 2], data: [1, 2, 3, 4] })
})

test('without a header the cells are the features, in order', () => {
  expect([...parseRows(bytes('1,2e-1\n-3,4.5\n'), 'f.csv', ['a', 'b']).data]).toEqual([1, Math.fround(0.2), -3, 4.5])
  expect([...parseRows(bytes('x,y\n1,2\n'), 'f.csv', 2).data]).toEqual([1, 2])
})

test.each<[text: string, features: readonly string[] | number, message: string]>([
  ['', 2, 'f.csv: expected at least one line, got none'],
  ['a,b\n', 2, 'f.csv: expected at least one row of features, got none'],
  ['a,c\n1,2\n', ['a', 'b'], "f.csv: line 1: expected a column 'b' as in training, got a, c"],
  ['a,b,c\n1,2,3\n', 2, 'f.csv: line 1: expected 2 columns, got 3'],
  ['1,2\n1\n', 2, 'f.csv: line 2: expected 2 cells, got 1'],
  ['1,2,3\n', 2, 'f.csv: line 1: expected 2 cells, got 3'],
  ['a,b\n1,\n', 2, 'f.csv: line 2, column b: expected a finite number, got an empty cell'],
  ['a,b\n1,1e40\n', 2, 'f.csv: line 2, column b: expected a finite number, got "1e40"'],
  ['1,2\n"1', 2, 'f.csv: is no CSV file'],
])('refuses %j', (text, features, message) => {
  expect(() => parseRows(bytes(text), 'f.csv', features)).toThrow(message)
})

test('a number is decimal and fits float32', () => {
  expect(['1', '-.5', '1e3', '', '0x10', 'Infinity', 'NaN', '1e39'].map(isNumber)).toEqual([
    ...[true, true, true],
    ...[false, false, false, false, false],
  ])
})
