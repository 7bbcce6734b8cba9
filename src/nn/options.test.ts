import { expect, test } from 'vitest'
import { choose, needNonNegative, needPositive } from './options.ts'

test('choose finds own members and names the nearest to any other', () => {
  const table = { identity: 1, projection: 2, none: 3 }
  expect(choose('skip', table, 'projection')).toBe(2)
  expect(() => choose('skip', table, 'projektion')).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: skip: unknown name 'projektion', did you mean 'projection'? Known: identity, projection, none]`,
  )
  for (const [name, nearest] of [
    ['', 'none'],
    ['Identity', 'identity'],
    ['nome', 'none'],
    ['hasOwnProperty', ''],
  ]) {
    expect(() => choose('skip', table, name!)).toThrow(`unknown name '${name}', did you mean '${nearest}`)
  }
})

test('sizes are positive integers, tolerances are finite and not negative', () => {
  for (const value of [0, -1, 1.5, NaN, Infinity]) {
    expect(() => needPositive('linear', 'width', value)).toThrow(
      `linear: width must be a positive integer, got ${value}`,
    )
  }
  for (const value of [-1e-9, NaN, Infinity])
    expect(() => needNonNegative('norm', 'epsilon', value)).toThrow(`got ${value}`)
  expect(() => needPositive('linear', 'width', 1)).not.toThrow()
  expect(() => needNonNegative('norm', 'epsilon', 0)).not.toThrow()
})
