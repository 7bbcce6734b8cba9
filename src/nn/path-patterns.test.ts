import { expect, test } from 'vitest'
import { newTrace, Scope } from '../graph/scope.ts'
import { below, PathPatterns } from './path-patterns.ts'

const patterns = (...all: string[]): PathPatterns => new PathPatterns('here', 'layer', all)

test.each([
  ['blocks.*.query', 'blocks.0.query', true],
  ['blocks.*.query', 'blocks.12.query', true],
  ['blocks.*.query', 'blocks.0.attention.query', false],
  ['blocks.*.query', 'blocks.0.query.weight', false],
  ['blocks.1*.query', 'blocks.12.query', true],
  ['blocks.1*.query', 'blocks.21.query', false],
  ['*ey', 'key', true],
  ['k*y*', 'keys', true],
  ['key', 'keys', false],
  ['*', 'key', true],
  ['*', 'a.key', false],
  ['**', 'a.b.c', true],
  ['**', '', true],
  ['*', '', false],
  ['**.key', 'key', true],
  ['**.key', 'a.b.key', true],
  ['**.key', 'a.b.monkey', false],
  ['a.**', 'a', true],
  ['a.**', 'a.b.c', true],
  ['a.**', 'ab.c', false],
  ['a.**.c', 'a.c', true],
  ['a.**.c', 'a.b.b.c', true],
  ['a.**.c', 'a.b.bc', false],
  ['**.blocks.**', 'encoder.blocks.0.up', true],
])('%s and %s: %s', (pattern, path, expected) => {
  expect(patterns(pattern).match(path)).toBe(expected)
  expect(patterns('no', pattern).match(path)).toBe(expected)
})

test.each(['', '.', 'a..b', 'a.', 'a b', '***', 'a**', '**a', 'a.[b]', 'a/b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'])(
  '%j is no pattern',
  (pattern) => {
    expect(() => patterns(pattern)).toThrow(
      `here: expected names between dots, with * for any part of a name and ** for any number of names, got '${pattern}'`,
    )
  },
)

test('a pattern that matches nothing is told with the nearest path, and paths that differ in numbers as one', () => {
  const paths = ['blocks.0.query', 'blocks.1.query', 'blocks.0.up', 'head']
  expect(() => patterns('**.up', 'head').needMatches(paths)).not.toThrow()
  expect(() => patterns('head', 'blocks.*.qury').needMatches(paths)).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: here: no layer matches 'blocks.*.qury', did you mean 'blocks.*.query'? Known: blocks.*.query, blocks.*.up, head]`,
  )
  expect(() => patterns('head').needMatches([])).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: here: no layer matches 'head', there is none]`,
  )
})

test('below a scope its own path is left out', () => {
  const s = new Scope(newTrace('train'))
  expect(below(s, 'a.b')).toBe('a.b')
  expect(below(s.in('a').in(0), 'a.0.b.c')).toBe('b.c')
  expect(below(s.in('a').in(0), 'a.0')).toBe('')
})
