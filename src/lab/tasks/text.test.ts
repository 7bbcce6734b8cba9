import { describe, expect, test } from 'vitest'
import { charactersTask } from './text.ts'

const open = (trainCharacters: number | null) => {
  const task = charactersTask({ trainCharacters })
  return task.open(task.options)
}
const rowsOf = ({ inputs, size }: Awaited<ReturnType<typeof open>>['train']): Set<string> => {
  const ids = new Int32Array(size * 64)
  inputs.gather(
    Array.from({ length: size }, (_, row) => row),
    ids,
  )
  return new Set(Array.from({ length: size }, (_, row) => ids.subarray(row * 64, (row + 1) * 64).join()))
}

describe('characters', () => {
  test('trains on as much of the text as asked, smaller parts inside larger ones, with the letters of all of it', async () => {
    const [all, more, less] = [await open(null), await open(6400), await open(1300)]
    expect([more.train.size, less.train.size]).toEqual([100, 20])
    expect(all.train.size).toBeGreaterThan(15_000)
    const [every, larger] = [rowsOf(all.train), rowsOf(more.train)]
    for (const row of rowsOf(less.train)) expect(larger).toContain(row)
    for (const row of larger) expect(every).toContain(row)
    expect([more.train.classes, less.train.classes]).toEqual([all.train.classes, all.train.classes])
    expect(rowsOf(less.test)).toEqual(rowsOf(all.test))
  })

  test('refuses less than a window, and more than there is', async () => {
    for (const characters of [63, 2e6, NaN]) await expect(open(characters)).rejects.toThrow(/trainCharacters from 64/)
  })
})

test('an option that no task has is refused, with the one that was meant', () => {
  expect(() => charactersTask({ dept: 12 } as object)).toThrow(
    "tasks: characters: unknown name 'dept', did you mean 'depth'?",
  )
})
