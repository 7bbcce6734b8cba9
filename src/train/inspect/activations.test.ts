import { describe, expect, test } from 'vitest'
import { graph } from '../../graph/graph.ts'
import { input, type Value } from '../../graph/value.ts'
import {
  add,
  broadcastTo,
  cast,
  customGradient,
  exp,
  matMul,
  mul,
  reshape,
  sum,
  tanh,
  where,
  greater,
} from '../../ops/index.ts'
import { activationBytes } from './activations.ts'
import { executionOrder } from './execution-order.ts'

const kib = 1024
const x = input('x', 'float32', [16, 16]) // 1 KiB
const row = input('row', 'float32', [1, 16])

const bytesOf = (...outputs: Value[]): number =>
  activationBytes(graph(Object.fromEntries(outputs.map((value, i) => [`y${i}`, value]))))

describe('what is alive at once', () => {
  test('inputs and outputs are not counted', () => {
    expect(bytesOf(exp(x))).toBe(0)
    expect(bytesOf(exp(x), reshape(x, [256]))).toBe(0)
  })

  test('a chain holds the value that is read and the one that is made', () => {
    expect(bytesOf(exp(exp(x)))).toBe(1 * kib)
    expect(bytesOf(exp(exp(exp(x))))).toBe(2 * kib)
    expect(bytesOf(exp(exp(exp(exp(exp(x))))))).toBe(2 * kib)
  })

  test('what is read again later stays', () => {
    const [a, b] = [exp(x), tanh(exp(x))]
    expect(bytesOf(exp(mul(a, exp(exp(exp(a))))))).toBe(3 * kib)
    expect(bytesOf(exp(add(exp(exp(b)), b)))).toBe(3 * kib)
  })

  test('a view holds nothing, and keeps what it shows', () => {
    const a = exp(x)
    expect(bytesOf(exp(exp(reshape(exp(x), [256]))))).toBe(2 * kib)
    expect(bytesOf(exp(mul(reshape(a, [4, 64]), exp(exp(exp(reshape(a, [4, 64])))))))).toBe(3 * kib)
  })

  test('what stands in for a gradient is not read', () => {
    const a = exp(exp(x))
    const [marked] = customGradient([exp(a)], [a], (g) => g)
    expect(bytesOf(exp(exp(exp(marked!))))).toBe(2 * kib)
  })

  test('elements have the size of their dtype', () => {
    const flags = greater(exp(x), 0) // 4 bytes an element, then 1
    expect(bytesOf(cast(flags, 'float32'))).toBe(1.25 * kib)
  })

  test('a lowering that works beside its operands counts with what it holds', () => {
    const flags = greater(x, 0)
    expect(bytesOf(where(flags, x, 0))).toBe(0.25 * kib + 2 * kib)
  })
})

describe('memory that is taken over', () => {
  test('only by tensors of the same shape: in between it is held', () => {
    const wide = exp(broadcastTo(sum(exp(x), [0], true), [64, 16])) // 1 KiB, 64 bytes, 4 KiB, 4 KiB
    expect(bytesOf(sum(wide))).toBe(8 * kib)
    expect(bytesOf(exp(broadcastTo(sum(wide, [0], true), [16, 16])))).toBe(9 * kib + 64)
  })

  test('never by scalars', () => {
    const scalar = sum(exp(x))
    expect(bytesOf(exp(exp(exp(exp(scalar)))))).toBe(1 * kib + 4)
  })
})

describe('the order', () => {
  test('has each node once, after what it reads', () => {
    const a = matMul(exp(x), x)
    const g = graph({ y: add(reshape(a, [16, 16]), mul(a, row)), z: sum(a), loose: tanh(row) })
    const order = executionOrder(g)
    expect(order.map(({ node }) => node).sort((p, q) => p.id - q.id)).toEqual(g.nodes.filter(({ op }) => !op?.view))
    const done = new Set(g.inputs.values())
    for (const { node, reads } of order) {
      for (const value of reads) expect(done.has(value)).toBe(true)
      for (const value of node.outputs) done.add(value)
    }
  })

  test('takes a result that needs little before the rest of a long way', () => {
    const start = exp(x)
    const g = graph({ end: exp(exp(exp(start))), early: tanh(start) })
    expect(executionOrder(g).map(({ node }) => node.op?.name)).toEqual(['exp', 'tanh', 'exp', 'exp', 'exp'])
  })
})
