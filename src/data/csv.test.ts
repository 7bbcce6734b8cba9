import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { DataError, OptionError } from '../errors.ts'
import { inOrder } from './batch.ts'
import { csv, parseCsv, type CsvOptions, type Table } from './csv.ts'

function parsed(text: string, options: CsvOptions): Table {
  return parseCsv(new TextEncoder().encode(text), 'f.csv', options)
}

function contents(table: Table): { inputs: number[]; targets: number[] } {
  const [batch] = inOrder(table, table.size)
  return { inputs: [...(batch?.inputs ?? [])], targets: [...(batch?.targets ?? [])] }
}

test('a target column of numbers', () => {
  const table = parsed('﻿a,y,b\r\n1, -2.5 ,3\r\n\r\n"4",5e-1,+.5\r\n', { target: 'y' })
  expect([table.features, table.labels, table.classes]).toEqual([['a', 'b'], undefined, undefined])
  expect([table.targets.dtype, table.inputs.shape]).toEqual(['float32', [2]])
  expect(contents(table)).toEqual({ inputs: [1, 3, 4, 0.5], targets: [-2.5, 0.5] })
})

test('a target column of class names, sorted', () => {
  const table = parsed('x;kind\n1;setosa\n2;"a;b"\n3;setosa\n', { target: 'kind', delimiter: ';', classes: true })
  expect([table.labels, table.classes, table.targets.dtype]).toEqual([['a;b', 'setosa'], 2, 'int32'])
  expect(contents(table)).toEqual({ inputs: [1, 2, 3], targets: [1, 0, 1] })
})

test('classes that are numbers sort by value', () => {
  const table = parsed('x,y\n0,10\n0,9\n0,-1', { target: 'y', classes: true })
  expect([table.labels, contents(table).targets]).toEqual([
    ['-1', '9', '10'],
    [2, 1, 0],
  ])
})

test('without a header, columns are counted from 0', () => {
  const table = parsed('1,2,3\n4,5,6', { target: '2', header: false })
  expect([table.features, contents(table)]).toEqual([['0', '1'], { inputs: [1, 2, 4, 5], targets: [3, 6] }])
})

test.each([
  ['a,y\n1,2\n3', 'f.csv: line 3: expected 2 cells, got 1'],
  ['a,y\n1,2,3', 'f.csv: line 2: expected 2 cells, got 3'],
  ['a,y\n1,2\n\n,4', 'f.csv: line 4, column a: expected a finite number, got an empty cell'],
  ['a,y\n1,', 'f.csv: line 2, column y: expected a finite number, got an empty cell'],
  ['a,y\none,2', 'f.csv: line 2, column a: expected a finite number, got "one"'],
  ['a,y\n0x10,2', 'got "0x10"'],
  ['a,y\nNaN,2', 'got "NaN"'],
  ['a,y\n1e39,2', 'got "1e39"'],
  ['a,y\n1,Infinity', 'column y: expected a finite number, got "Infinity"'],
  ['a,y', 'f.csv: expected at least one line of data, got none'],
  ['', 'f.csv: expected at least one line of data, got none'],
  ['y\n1', 'f.csv: expected at least two columns, got 1'],
  ['a,a,y\n1,2,3', 'f.csv: header: expected distinct column names, got a twice'],
  ['a,,y\n1,2,3', 'f.csv: header: expected a name for every column, got an empty one'],
  ['a,y\n"1,2', 'f.csv: is no CSV file (Quote Not Closed'],
])('refuses %j', (text, message) => {
  expect(() => parsed(text, { target: 'y' })).toThrow(DataError)
  expect(() => parsed(text, { target: 'y' })).toThrow(message)
})

test('refuses an empty class, an unknown target, a delimiter that cannot be one', () => {
  expect(() => parsed('a,y\n1," "', { target: 'y', classes: true })).toThrow(
    'column y: expected a class, got an empty cell',
  )
  expect(() => parsed('a,b\n1,2', { target: 'y' })).toThrow(OptionError)
  expect(() => parsed('a,b\n1,2', { target: 'y' })).toThrow('csv: expected target to be one of a, b (f.csv), got y')
  for (const delimiter of ['', '"', '\n']) {
    expect(() => parsed('a,y\n1,2', { target: 'y', delimiter })).toThrow('csv: expected a delimiter other than')
  }
})

const folder = mkdtempSync(join(tmpdir(), 'residua-csv-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('reads a file and refuses one that is too large', async () => {
  const path = join(folder, 'a.csv')
  writeFileSync(path, 'a,y\n1,2\n')
  expect(contents(await csv(path, { target: 'y' }))).toEqual({ inputs: [1], targets: [2] })
  await expect(csv(path, { target: 'y', maxBytes: 7 })).rejects.toThrow(
    `${path}: expected at most 7 bytes (maxBytes), got 8`,
  )
})

test('fuzz: numbers come back as they were written', () => {
  const row = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
      const { inputs, targets } = contents(
        parsed(['a,b,y', ...rows.map((cells) => cells.join(','))].join('\n'), { target: 'y' }),
      )
      const unsigned = (value: number): number => value + 0
      expect(inputs.map(unsigned)).toEqual(rows.flatMap((cells) => cells.slice(0, 2).map(unsigned)))
      expect(targets.map(unsigned)).toEqual(rows.map((cells) => unsigned(cells[2] ?? NaN)))
    }),
  )
})

test('fuzz: any bytes give a consistent table or one clear error', () => {
  const soup = fc.array(
    fc.constantFrom('a', 'y', '0', '1', '-', '.', 'e', ',', ',', '\n', '\n', '\r', '"', ' ', '\u0000', 'é'),
  )
  const headed = soup.map((pieces) => `a,y\n1,2\n${pieces.join('')}`)
  const text = fc
    .oneof(
      soup.map((pieces) => pieces.join('')),
      headed,
    )
    .map((all) => new TextEncoder().encode(all))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), text), fc.boolean(), fc.boolean(), (bytes, header, classes) => {
      try {
        const table = parseCsv(bytes, 'fuzz', { target: header ? 'y' : '1', header, classes })
        const { inputs, targets } = contents(table)
        expect(inputs.length).toBe(table.size * table.features.length)
        expect([...inputs, ...targets].every(Number.isFinite)).toBe(true)
        expect(table.labels?.length).toBe(table.classes)
      } catch (error) {
        if (!(error instanceof DataError || error instanceof OptionError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})
