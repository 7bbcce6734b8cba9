import { expect, test } from 'vitest'
import { EngineError } from '../errors.ts'
import { graph } from '../graph/graph.ts'
import { input } from '../graph/value.ts'
import { add, div } from '../ops/arithmetic.ts'
import { tensor } from '../tensor.ts'
import { evaluate } from './reference.ts'

const x = input('x', 'float32', [2])
const labels = input('labels', 'int32', [1])
const third = graph({ third: div(x, 3), labels })
const feeds = { x: tensor([1, 2]), labels: tensor(Int32Array.of(4)) }

test('computes in float64, whatever the graph is typed', () => {
  const { third: result, labels: same } = evaluate(third, feeds)
  expect(result).toEqual({ dtype: 'float32', shape: [2], data: Float64Array.of(1 / 3, 2 / 3) })
  expect(same?.data).toEqual(Int32Array.of(4))
})

test('a float64 feed is taken as it is and left as it is', () => {
  const data = Float64Array.of(0.1, 0.2)
  const sum = graph({ sum: add(x, x) })
  expect(evaluate(sum, { x: { dtype: 'float64', shape: [2], data } }).sum?.data).toEqual(Float64Array.of(0.2, 0.4))
  expect(data).toEqual(Float64Array.of(0.1, 0.2))
})

test('a feed that is missing or of another type is refused by name', () => {
  const refusal = (change: object): string => {
    try {
      evaluate(third, { ...feeds, ...change })
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError)
      return (error as Error).message
    }
    return 'nothing'
  }
  expect(refusal({ x: undefined })).toBe("evaluate: no value for input 'x', float32[2]")
  expect(refusal({ x: tensor([1, 2, 3]) })).toBe("evaluate: input 'x' is float32[2], got float32[3]")
  expect(refusal({ x: tensor(Int32Array.of(1, 2)) })).toBe("evaluate: input 'x' is float32[2], got int32[2]")
  expect(refusal({ labels: tensor([4]) })).toBe("evaluate: input 'labels' is int32[1], got float32[1]")
})
