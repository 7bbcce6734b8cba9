import { expect, test } from 'vitest'
import { arrays } from './arrays.ts'
import { inOrder } from './batch.ts'
import { split, subset, take, type Dataset } from './dataset.ts'

const numbers = arrays({
  name: 'numbers',
  inputs: Array.from({ length: 10 }, (_, i) => [i]),
  targets: Int32Array.from({ length: 10 }, (_, i) => 9 - i),
  classes: 10,
})

function contents(dataset: Dataset): { inputs: number[]; targets: number[] } {
  const [batch] = inOrder(dataset, dataset.size)
  return { inputs: [...(batch?.inputs ?? [])], targets: [...(batch?.targets ?? [])] }
}

test('subset and take keep inputs and targets together', () => {
  const part = subset(numbers, 3, 6)
  expect([part.size, part.classes, part.name]).toEqual([3, 10, 'numbers[3..5]'])
  expect(contents(part)).toEqual({ inputs: [3, 4, 5], targets: [6, 5, 4] })
  expect(contents(take(subset(numbers, 4, 10), 2))).toEqual({ inputs: [4, 5], targets: [5, 4] })
})

test('split deals every example to one side, by the seed', () => {
  const [first, second] = split(numbers, 0.7, 1)
  const all = [contents(first), contents(second)]
  expect([first.size, second.size]).toEqual([7, 3])
  expect(all.flatMap(({ inputs }) => inputs).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const { inputs, targets } of all) expect(targets).toEqual(inputs.map((i) => 9 - i))
  expect(contents(split(numbers, 0.7, 1)[0])).toEqual(all[0])
  expect(contents(split(numbers, 0.7, 2)[0])).not.toEqual(all[0])
})

test.each([
  [-1, 3],
  [3, 3],
  [0, 11],
  [0.5, 3],
])('subset refuses %s to %s', (from, to) => {
  expect(() => subset(numbers, from, to)).toThrow(
    `subset: expected whole numbers 0 <= from < to <= 10 (the size of numbers), got ${from} and ${to}`,
  )
})

test('take and split refuse what leaves nothing', () => {
  expect(() => take(numbers, 0)).toThrow('take: expected 1 to 10 examples of numbers, got 0')
  expect(() => take(numbers, 11)).toThrow('got 11')
  for (const fraction of [0, 1, 0.01, 1.5, NaN]) expect(() => split(numbers, fraction, 0)).toThrow('split: expected')
})
