import { expect, test } from 'vitest'
import { columnsOf, shortened } from './text-width.ts'

test('a text is cut by columns, of which a Chinese character takes two', () => {
  expect(shortened('depth', 5)).toBe('depth')
  expect(shortened('depths', 5)).toBe('dept…')
  expect(shortened('a depth', 3)).toBe('a…')
  expect(shortened('学习率', 6)).toBe('学习率')
  expect(shortened('学习率', 5)).toBe('学习…')
  expect(columnsOf(shortened('学习率', 4))).toBe(3)
})
