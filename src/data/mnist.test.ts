import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inOrder } from './batch.ts'
import { take, type Dataset } from './dataset.ts'
import { mnist } from './mnist.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'residua-mnist-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function classCounts(dataset: Dataset): number[] {
  const counts = new Array<number>(10).fill(0)
  for (const { targets } of inOrder(dataset, 1000))
    for (const label of targets) counts[label] = (counts[label] ?? 0) + 1
  return counts
}

function firstLabels(dataset: Dataset): number[] {
  const [batch] = inOrder(take(dataset, 10), 10)
  return [...(batch?.targets ?? [])]
}

test('the installed package holds the 70,000 original images', async () => {
  const before = process.memoryUsage().arrayBuffers
  const { train, test } = await mnist()
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6
  expect(megabytes).toBeGreaterThan(54)
  expect(megabytes).toBeLessThan(70) // as float32 it would be 219

  expect([train.size, test.size, train.classes, train.inputs.shape, train.targets.shape]).toEqual([
    60000,
    10000,
    10,
    [784],
    [],
  ])
  expect(classCounts(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  expect(firstLabels(train)).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
  expect(firstLabels(test)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9])

  let sum = 0
  for (const { inputs } of inOrder(train, 1000)) for (const pixel of inputs) sum += pixel
  expect(sum / (60000 * 784)).toBeCloseTo(0.1307, 4)
})

function writeIdx(name: string, sizes: readonly number[], type = 8): void {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header.writeUInt8(type, 2)
  header.writeUInt8(sizes.length, 3)
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis))
  const length = sizes.reduce((product, size) => product * size, 1)
  writeFileSync(join(folder, name), Buffer.concat([header, Buffer.alloc(length)]))
}

function writeAll(): void {
  writeIdx('train-images-idx3-ubyte', [3, 28, 28])
  writeIdx('train-labels-idx1-ubyte', [3])
  writeIdx('t10k-images-idx3-ubyte', [2, 28, 28])
  writeIdx('t10k-labels-idx1-ubyte', [2])
}

test('reads the same four files from a folder', async () => {
  writeAll()
  const { train, test } = await mnist({ folder })
  expect([train.size, test.size]).toEqual([3, 2])
})

test('refuses files that do not belong together, are missing or damaged', async () => {
  await expect(mnist({ folder })).rejects.toThrow('images-idx3-ubyte: cannot be read (ENOENT')
  writeAll()
  writeIdx('train-labels-idx1-ubyte', [4])
  await expect(mnist({ folder })).rejects.toThrow(
    'mnist.train: expected as many labels as images, got 4 labels and 3 images',
  )
  writeAll()
  writeIdx('t10k-images-idx3-ubyte', [2, 32, 32])
  await expect(mnist({ folder })).rejects.toThrow('expected [images, 28, 28], got [2, 32, 32]')
  writeAll()
  writeIdx('t10k-labels-idx1-ubyte', [2], 9)
  await expect(mnist({ folder })).rejects.toThrow(
    't10k-labels-idx1-ubyte: expected unsigned bytes (idx type code 8), got int8',
  )
})
