import { expect, test } from 'vitest'
import { graph } from '../graph/graph.ts'
import { trace } from '../graph/scope.ts'
import { initialize } from '../nn/initialize.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { bert, type BertOptions } from './bert.ts'
import { modelOf } from './table.ts'

const small: BertOptions = { layers: 1, heads: 2, width: 8, vocabulary: 9, context: 8 }

function run(options: BertOptions, ids: readonly number[]): HostTensor {
  const inputs = tensor(Int32Array.from(ids), [1, ids.length])
  const { output, parameters } = trace(bert(options), 'int32', inputs.shape, 'evaluate')
  return evaluate(graph({ output }), { ...initialize(parameters.values(), 2), inputs }).output!
}

test('every token sees all: a later token changes the first', () => {
  const [a, b] = [run(small, [1, 2, 3, 4]), run(small, [1, 2, 3, 5])]
  expect(a.shape).toEqual([1, 4, 8])
  expect(a.data.slice(0, 8)).not.toEqual(b.data.slice(0, 8))
})

test('padding changes no other token, in tokens and in the mean', () => {
  const options = { ...small, padding: 0 }
  const [short, long] = [run(options, [1, 2, 3]), run(options, [1, 2, 3, 0, 0])]
  short.data.forEach((value, i) => expect(long.data[i]).toBeCloseTo(value, 10))
  const pooled = { ...options, outputs: 2, pool: 'mean' } as const
  const [few, many] = [run(pooled, [1, 2, 3]), run(pooled, [1, 2, 3, 0, 0])]
  few.data.forEach((value, i) => expect(many.data[i]).toBeCloseTo(value, 10))
})

test('what follows the first separator is of the second type', () => {
  const typed = run({ ...small, separator: 8 }, [1, 2, 8, 3, 4]).data
  const plain = run(small, [1, 2, 8, 3, 4]).data
  expect(typed).not.toEqual(plain)
  const without = run({ ...small, separator: 8 }, [1, 2, 3]).data // no separator: all of the first type
  expect(without).toEqual(run(small, [1, 2, 3]).data)
})

test('the heads: logits per token, outputs per sequence', () => {
  expect(run({ ...small, outputs: 'vocabulary' }, [1, 2, 3]).shape).toEqual([1, 3, 9])
  expect(run({ ...small, outputs: 3 }, [1, 2, 3]).shape).toEqual([1, 3])
})

test('it is post-norm with a norm on the embedding, as in the source, unless wired otherwise', () => {
  const paths = (options: BertOptions): string[] => [...trace(bert(options), 'int32', [1, 4]).parameters.keys()]
  expect(paths(small)).toContain('embedNorm.gain')
  expect(paths(small)).not.toContain('finalNorm.gain')
  expect(paths({ ...small, wiring: { norm: 'rms', placement: 'pre' } })).toContain('finalNorm.gain')
})

test('the specification makes it again; what cannot be is refused', () => {
  const { spec } = bert({ ...small, outputs: 3 })
  expect(trace(modelOf(JSON.parse(JSON.stringify(spec)) as typeof spec), 'int32', [1, 4]).output.shape).toEqual([1, 3])
  expect(() => bert({ ...small, types: 1, separator: 3 })).toThrow(/separator 3 needs types 2 or more/)
  expect(() => bert({ ...small, outputs: 'logits' as 'hidden' })).toThrow(/bert\.outputs/)
  expect(() => bert({ ...small, pool: 'last' as 'mean' })).toThrow(/bert\.pool/)
})
