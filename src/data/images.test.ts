import { expect, test } from 'vitest'
import { images } from './images.ts'

const shape = [2, 2]

test('images are scaled to [0, 1] and labels become int32', () => {
  const data = images({
    name: 'tiny',
    pixels: Uint8Array.of(0, 255, 51, 0, 255, 255, 0, 0),
    labels: Uint8Array.of(1, 0),
    shape,
    classes: 2,
  })
  const pixels = new Float32Array(8)
  const labels = new Int32Array(2)
  data.inputs.gather([1, 0], pixels)
  data.targets.gather([1, 0], labels)
  expect([data.size, data.classes, data.inputs.shape]).toEqual([2, 2, [2, 2]])
  expect([...pixels]).toEqual([1, 1, 0, 0, 0, 1, Math.fround(0.2), 0])
  expect([...labels]).toEqual([0, 1])
})

test.each([
  [8, [0], 'tiny: expected as many labels as images, got 1 labels and 2 images'],
  [6, [0], 'got 1 labels and 1.5 images'],
  [0, [], 'tiny: expected at least one image, got none'],
  [8, [0, 2], 'tiny: targets: expected class indices from 0 to 1, got 2 in row 1'],
])('refuses %s bytes with labels %j', (bytes, labels, message) => {
  const options = { name: 'tiny', pixels: new Uint8Array(bytes), labels: Uint8Array.from(labels), shape, classes: 2 }
  expect(() => images(options)).toThrow(message)
})
