import { expect, test } from 'vitest'
import { arrays } from './arrays.ts'
import { mapInputs } from './map.ts'

const points = arrays({ inputs: Float32Array.of(1, 2, 3, 4, 5, 6), targets: [0, 1, 0], classes: 2, name: 'points' })

test('changes every input as it is read, and nothing else', () => {
  const scaled = mapInputs(points, 'scaled', (input, row) => {
    for (let i = 0; i < input.length; i++) input[i] = input[i]! * 10 + row
  })
  const read = new Float32Array(4)
  for (let again = 0; again < 2; again++) {
    scaled.inputs.gather([2, 0], read)
    expect([...read]).toEqual([52, 62, 10, 20])
  }
  points.inputs.gather([2, 0], read)
  expect([...read]).toEqual([5, 6, 1, 2])
  expect(scaled).toMatchObject({ name: 'scaled', size: 3, classes: 2, targets: points.targets })
})

test('refuses inputs that are whole numbers', () => {
  const tokens = arrays({ inputs: Int32Array.of(1, 2), targets: [0, 1], classes: 2 })
  expect(() => mapInputs(tokens, 'tokens', () => undefined)).toThrow(/expected float32 inputs, arrays has int32/)
})
