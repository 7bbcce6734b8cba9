import { expect, test } from 'vitest'
import { graph } from '../graph/graph.ts'
import { simplify } from '../graph/simplify.ts'
import { input } from '../graph/value.ts'
import { add, div, mul, neg, sub } from '../ops/arithmetic.ts'
import { exp, sqrt } from '../ops/unary.ts'
import { random } from '../random.ts'
import { Arena } from './arena.ts'
import { canFuse, compileKernel } from './fused.ts'

const run = (wasm: Uint8Array, arena: Arena): ((...args: number[]) => void) => {
  const module = new WebAssembly.Module(wasm)
  return new WebAssembly.Instance(module, { host: { memory: arena.memory } }).exports.run as () => void
}

test.each([1, 4, 5, 1000])('a kernel does to %i elements what the graph says, in float32', (elements) => {
  const [a, b, s] = [input('a', 'float32', [4]), input('b', 'float32', [4]), input('s', 'float32', [])]
  const root = add(sqrt(mul(a, a)), s)
  const kernel = compileKernel(simplify(graph({ a: sub(div(b, root), mul(b, 0.1)), b: mul(root, s) })))
  expect(kernel.tensors).toEqual(['a', 'b'])
  expect(kernel.scalars).toEqual(['s'])
  const arena = new Arena(
    new Map([
      ['a', elements],
      ['b', elements],
      ['guard', 4],
    ]),
  )
  const source = random(1, 'fused')
  for (const name of ['a', 'b']) arena.view(name).set(Float32Array.from({ length: elements }, source.normal))
  const [before, beforeB] = [arena.view('a').slice(), arena.view('b').slice()]
  run(kernel.wasm, arena)(arena.place('a').offset, arena.place('b').offset, elements * 4, 0.3)
  const f = Math.fround
  const roots = before.map((x) => f(f(Math.sqrt(f(x * x))) + f(0.3)))
  expect(arena.view('a')).toEqual(beforeB.map((x, i) => f(f(x / roots[i]!) - f(x * f(0.1)))))
  expect(arena.view('b')).toEqual(roots.map((x) => f(x * f(0.3))))
  expect(arena.view('guard')).toEqual(new Float32Array(4))
})

test('graphs with an op that has no SIMD form are not fused', () => {
  const a = input('a', 'float32', [4])
  expect(canFuse(graph({ a: add(a, 1) }))).toBe(true)
  expect(canFuse(graph({ a: exp(a) }))).toBe(false)
  expect(canFuse(graph({ a: add(a, input('b', 'float32', [2, 4])) }))).toBe(false)
  expect(canFuse(graph({ a: add(input('a', 'int32', [4]), 1) }))).toBe(false)
  expect(canFuse(graph({ a: neg(a) }))).toBe(false)
  expect(() => compileKernel(graph({ a: exp(a) }))).toThrow('fused: exp has no SIMD form')
})
