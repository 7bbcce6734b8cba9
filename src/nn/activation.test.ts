import { expect, test } from 'vitest'
import { graph } from '../graph/graph.ts'
import { trace } from '../graph/scope.ts'
import { evaluate } from '../runtime/reference.ts'
import { tensor } from '../tensor.ts'
import { activation, activationNamed, type ActivationName } from './activation.ts'

/** Every name of the table; a new one that is missing here does not compile. */
const names = Object.keys({
  relu: true,
  gelu: true,
  geluTanh: true,
  silu: true,
  tanh: true,
  sigmoid: true,
} satisfies Record<ActivationName, true>) as ActivationName[]

/** `E f(z)^2` for a standard normal z, by the trapezoid rule on [-12, 12]. */
function secondMoment(name: ActivationName): number {
  const step = 1 / 64
  const z = Float64Array.from({ length: 24 * 64 + 1 }, (_, i) => -12 + i * step)
  const { output } = trace(activation(name), 'float64', [z.length])
  const f = evaluate(graph({ output }), { inputs: tensor(z) }).output!.data
  return z.reduce((total, x, i) => total + f[i]! ** 2 * Math.exp((-x * x) / 2), 0) * (step / Math.sqrt(2 * Math.PI))
}

test.each(names)('the gain of %s keeps the second moment of a unit normal', (name) => {
  expect(Math.abs(activationNamed(name).gain * Math.sqrt(secondMoment(name)) - 1)).toBeLessThan(1e-3)
})

test('an unknown activation is refused with the nearest name', () => {
  expect(() => activation('gleu' as ActivationName)).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: activation: unknown name 'gleu', did you mean 'gelu'? Known: relu, gelu, geluTanh, silu, tanh, sigmoid]`,
  )
  expect(() => activation('toString' as ActivationName)).toThrow("unknown name 'toString'")
})
