import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DataError, OptionError } from '../../errors.ts'
import { files, type FilesOptions } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const documents = (patterns: string | readonly string[], options?: FilesOptions): string[] => [
  ...files(patterns, options).documents(),
]

test('a file is a document as it is, less its byte order mark', () => {
  const path = write('one.txt', '\ufeffä\r\nb\n')
  const source = files(path)
  expect(source.name).toBe('one')
  expect([...source.documents()]).toEqual(['ä\r\nb\n'])
  expect([...source.documents()]).toEqual(['ä\r\nb\n'])
})

test('folders, globs and paths; what several name comes once, in the order they name it', () => {
  mkdirSync(join(folder, 'books/in'), { recursive: true })
  write('books/b.txt', 'b')
  write('books/a.md', 'a')
  write('books/in/c.JSONL', '{"text":"c1"}\n{"text":"c2"}\n')
  write('books/code.py', 'code')
  expect(documents(join(folder, 'books'))).toEqual(['a', 'b', 'c1', 'c2'])
  expect(documents(join(folder, 'books/*.py'))).toEqual(['code'])
  const several = [join(folder, 'books/b.txt'), join(folder, 'books/*')]
  expect(documents(several)).toEqual(['b', 'a', 'code'])
  expect(files(several).name).toBe('b+*')
})

test('a name with a star in it is a path where it exists', () => {
  expect(documents(write('odd*name', 'odd'))).toEqual(['odd'])
})

test('a JSON line is a document, blank lines and other fields are left out', () => {
  const path = write('lines.jsonl', '\ufeff{"id":1,"text":"a\\nb"}\r\n\n  \n{"text":""}\n{"text":"ü"}')
  expect(documents(path)).toEqual(['a\nb', '', 'ü'])
})

test('a separator cuts a file into documents, with one line end on either side', () => {
  const path = write('cut.txt', 'one\n<|end|>\r\ntwo\n\r\n<|end|><|end|>\n\nthree\n')
  expect(documents(path, { separator: '<|end|>' })).toEqual(['one', 'two\n', '', '\nthree'])
})

test('pieces and characters that lie across two reads are whole', () => {
  const long = 'é'.repeat(2 ** 19) + 'x'
  const parts = [long, 'a€b', long.slice(1), '']
  const path = write('long.txt', parts.join('=§='))
  for (let shift = 0; shift < 6; shift++) {
    write('long.txt', 'y'.repeat(shift) + parts.join('=§='))
    expect(documents(path, { separator: '=§=' })).toEqual(['y'.repeat(shift) + long, ...parts.slice(1)])
  }
})

test.each([
  ['lines.jsonl', '{"text":"a"}\n{"txt":"b"}', 'line 2: expected an object with a string "text"'],
  ['lines.jsonl', '{"text":3}', 'line 1: expected an object with a string "text"'],
  ['lines.jsonl', '\n[1', 'line 2: expected JSON'],
  ['bytes.jsonl', Uint8Array.of(34, 0xff, 34), 'expected UTF-8 text, got other bytes'],
  ['half.jsonl', Uint8Array.of(0xc3), 'expected UTF-8 text, got other bytes'],
  ['bytes.txt', Uint8Array.of(0xff), 'expected UTF-8 text, got other bytes'],
])('%s that is damaged (%#)', (name, content, message) => {
  const source = files(write(name, content))
  expect(() => [...source.documents()]).toThrow(DataError)
  expect(() => [...source.documents()]).toThrow(`${name}: ${message}`)
})

test('what leads to no file is refused at once', () => {
  mkdirSync(join(folder, 'empty'))
  expect(() => files(join(folder, 'missing.txt'))).toThrow('missing.txt: there is no such file or folder')
  expect(() => files(join(folder, 'empty'))).toThrow('empty: expected a .txt, .md, .jsonl file below it, got none')
  expect(() => files(join(folder, '*.csv'))).toThrow('*.csv: expected a file to match, got none')
  expect(() => files([])).toThrow(OptionError)
  expect(() => files(write('a.txt', 'a'), { separator: '' })).toThrow(OptionError)
})

test('a file that is gone when it is read says so', () => {
  for (const name of ['gone.txt', 'gone.jsonl']) {
    const source = files(write(name, '{"text":"a"}'))
    rmSync(join(folder, name))
    expect(() => [...source.documents()]).toThrow(`${name}: cannot read (ENOENT). It is missing`)
  }
})
