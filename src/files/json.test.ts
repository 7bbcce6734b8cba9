import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayJson, displayedNumber, duplicateKey, exactJson, jsonHash, quote } from './json.ts'

describe('duplicateKey', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x":{"b":1, "b" :2}}', 'b'],
    ['[{"__proto__":1,"__proto__":2}]', '__proto__'],
    ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', undefined],
    ['{"a":"a","b":"a","c":["a","a"]}', undefined],
    ['{"a\\"":1,"a":"{\\"a\\":1}"}', undefined],
  ])('of %s is %s', (json, key) => expect(duplicateKey(json)).toBe(key))

  test('is never found in what JSON.stringify writes', () => {
    fc.assert(fc.property(fc.json(), (json) => duplicateKey(json) === undefined))
  })
})

describe('exactJson', () => {
  test('reads back equal', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.stringify(JSON.parse(exactJson(value, 'value')))).toBe(JSON.stringify(value))
      }),
    )
  })

  test('refuses what JSON would change, naming the place', () => {
    expect(() => exactJson({ best: [1, NaN] }, 'state')).toThrowErrorMatchingInlineSnapshot(
      `[OptionError: state.best[1]: expected a value that JSON can hold, got NaN. Store it as a string]`,
    )
    expect(() => exactJson({ a: undefined }, 'state')).toThrow('state.a')
    expect(() => exactJson({ a: new Float32Array(2) }, 'state')).toThrow('state.a')
    expect(() => exactJson({ a: new Map() }, 'state')).toThrow('state.a')
  })

  test('refuses nesting that would exhaust the stack', () => {
    expect(() => exactJson(JSON.parse('['.repeat(20000) + ']'.repeat(20000)), 'state')).toThrow('100 levels')
  })
})

test('the hash does not depend on the order of keys, but on every value', () => {
  const hash = jsonHash({ a: 1, b: { c: [1, 2], d: null } }, 'config')
  expect(jsonHash({ b: { d: null, c: [1, 2] }, a: 1 }, 'config')).toBe(hash)
  expect(jsonHash({ a: 1, b: { c: [2, 1], d: null } }, 'config')).not.toBe(hash)
})

test('displayed numbers read back', () => {
  for (const number of [1.5, NaN, Infinity, -Infinity]) {
    expect(displayedNumber(JSON.parse(displayJson(number)))).toBe(number)
  }
  expect(displayedNumber('1')).toBeUndefined()
  expect(displayedNumber(null)).toBeUndefined()
})

test('quoted names are escaped and short', () => {
  expect(quote('a\n"b"')).toBe('"a\\n\\"b\\""')
  expect(quote('x'.repeat(1000))).toHaveLength(83)
})
