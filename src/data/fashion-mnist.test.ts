import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { inOrder } from './batch.ts'
import type { Dataset } from './dataset.ts'
import { fashionMnist } from './fashion-mnist.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-fashion-'))
afterAll(() => rmSync(folder, { recursive: true }))

function mean(dataset: Dataset): number {
  let sum = 0
  for (const { inputs } of inOrder(dataset, 1000)) for (const pixel of inputs) sum += pixel
  return sum / (dataset.size * 784)
}

test('the installed package holds 70,000 images in two parts, the classes taking turns', async () => {
  const { train, test } = await fashionMnist()
  expect([train.size, test.size, train.classes, train.inputs.shape]).toEqual([60000, 10000, 10, [784]])
  const [batch] = inOrder(train, 12)
  expect([...(batch?.targets ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
  // Means of the same rows read with JSON.parse.
  expect(mean(train) * 255).toBeCloseTo(72.95683, 4)
  expect(mean(test) * 255).toBeCloseTo(73.1608, 4)
})

test('an original image stands there pixel for pixel', async () => {
  const { test } = await fashionMnist()
  const pixels = new Float32Array(784)
  test.inputs.gather([899 * 10 + 9], pixels) // the ankle boot that is image 0 of the original training set
  const row3 = [...pixels.subarray(3 * 28, 4 * 28)].map((pixel) => Math.round(pixel * 255))
  expect(row3).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 13, 73, 0, 0, 1, 4, 0, 0, 0, 0, 1, 1, 0])
})

const image = `[${new Array(784).fill(7).join(',')}]`

test.each([
  ['', 'expected it to start with {"data":['],
  ['[[1]]', 'expected it to start with {"data":['],
  ['{"data":[', 'expected a closed list of pixels at byte 9'],
  [`{"data":[${image.slice(0, -1)}`, 'expected a closed list of pixels at byte 9'],
  [`{"data":[${image},7]}`, 'expected a closed list of pixels'],
  [`{"data":[${image}]`, 'expected ]} at byte'],
  [`{"data":[${image}]}x`, 'expected ]} at byte'],
  [`{"data":[${image},${image}]}`, 'expected 7000 images, got 2'],
  [`{"data":[${Array(7001).fill(image).join(',')}]}`, 'expected 7000 images, got more'],
  ['{"data":[[1,2]]}', 'image 0: expected 784 pixels, got 2'],
  [`{"data":[${image.replace(']', ',7]')}]}`, 'image 0: expected 784 whole numbers from 0 to 255'],
  [`{"data":[${image.replace('7', '256')}]}`, 'image 0: expected 784 whole numbers from 0 to 255'],
  [`{"data":[${image.replace('7', '-7')}]}`, 'image 0: expected 784 whole numbers'],
  [`{"data":[${image.replace('7', '')}]}`, 'image 0: expected 784 whole numbers'],
  [`{"data":[${image.replace('7', '0.5')}]}`, 'image 0: expected 784 whole numbers'],
])('names what is wrong with a file %#', async (text, message) => {
  writeFileSync(join(folder, '0.json'), text)
  const read = fashionMnist({ folder })
  await expect(read).rejects.toThrow(DataError)
  await expect(read).rejects.toThrow(message)
})
