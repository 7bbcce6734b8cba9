import { expect, test } from 'vitest'
import { trace } from '../graph/scope.ts'
import { dropout } from './dropout.ts'

test('dropout asks for a mask of its input in training, which keeps 1 - rate', () => {
  const { noises } = trace(dropout(0.3), 'float32', [2, 3])
  expect([...noises.values()]).toMatchObject([{ path: 'mask', kind: 'keep', rate: 0.7, value: { shape: [2, 3] } }])
})

test('dropout is the identity in evaluation, and at rate 0', () => {
  for (const traced of [trace(dropout(0.3), 'float32', [2], 'evaluate'), trace(dropout(0), 'float32', [2])]) {
    expect(traced.output).toBe(traced.input)
    expect(traced.noises.size).toBe(0)
  }
})

test('rates outside [0, 1) are refused', () => {
  for (const rate of [-0.1, 1, NaN]) expect(() => dropout(rate)).toThrow(`dropout: rate must be in [0, 1), got ${rate}`)
})
