import { expect, test } from 'vitest'
import { arms, grid, oneAtATime } from './arms.ts'

test('a grid is every combination, the last factor varying fastest', () => {
  const { factors, list } = grid({ skip: ['none', 'identity'], depth: [4, 8] })
  expect(factors).toEqual(['skip', 'depth'])
  expect(list.map(({ name }) => name)).toEqual([
    'skip=none depth=4',
    'skip=none depth=8',
    'skip=identity depth=4',
    'skip=identity depth=8',
  ])
  expect(() => grid({})).toThrow(/at least one factor/)
  expect(() => grid({ skip: [] })).toThrow(/skip has no level/)
})

test('one at a time changes one factor of the baseline alone', () => {
  const { list } = oneAtATime(
    { skip: 'identity', norm: 'layer' },
    { skip: ['identity', 'none'], norm: ['none', 'rms'] },
  )
  expect(list.map(({ factors }) => factors)).toEqual([
    { skip: 'identity', norm: 'layer' },
    { skip: 'none', norm: 'layer' },
    { skip: 'identity', norm: 'none' },
    { skip: 'identity', norm: 'rms' },
  ])
  expect(() => oneAtATime({ skip: 'identity' }, { norm: ['none'] })).toThrow(/says nothing of norm/)
})

test('arms may differ in the declared factors alone', () => {
  const named = { a: { skip: 'none', norm: 'layer' }, b: { skip: 'identity', norm: 'rms' } }
  expect(arms(named).factors).toEqual(['skip', 'norm'])
  expect(() => arms(named, ['skip'])).toThrow(/they differ in norm beside the declared skip/)
  expect(arms({ a: { skip: 'none', norm: 'rms' }, b: { skip: 'identity', norm: 'rms' } }, ['skip']).list).toHaveLength(
    2,
  )
})
