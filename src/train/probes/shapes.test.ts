import { describe, expect, test } from 'vitest'
import { expectClose } from '../../../test/close.ts'
import type { Layer } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { ones } from '../../nn/init.ts'
import { linear } from '../../nn/linear.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import { sum } from '../../ops/broadcast.ts'
import { mean } from '../../ops/reduce.ts'
import { tanh } from '../../ops/unary.ts'
import { sgd } from '../../optim/sgd.ts'
import { evaluate } from '../../runtime/reference.ts'
import { type HostTensor, tensor } from '../../tensor.ts'
import { scalarFeeds, scalarOf } from '../measure.ts'
import { build, forward } from '../step.ts'
import { measurements } from './measurements.ts'
import type { ProbeName } from './table.ts'
import { feedsAt, batch, normals, gain, recipeOf, sessionOf, stepOf, unpacked, cut, pairs } from './probes.test-kit.ts'

/** The probes of a net that only names its input, by the reference evaluator. */
function probed(
  layer: Layer,
  x: HostTensor,
  asked: readonly ProbeName[],
  states: Readonly<Record<string, HostTensor>> = {},
): Record<string, number> {
  const [first = 0, ...rest] = x.shape
  const recipe = recipeOf(
    (s, value) => mul(sum(layer(s, value)), s.parameter('one', [], { role: 'inner', init: ones })),
    sgd({ learningRate: 0 }),
    { inputs: { dtype: 'float32', shape: rest }, loss: (output) => output, probes: asked },
  )
  const built = build(recipe, 'probe', first)
  const targets = tensor(new Int32Array(first), [first])
  const feeds = { inputs: x, targets, one: tensor([1], []), ...scalarFeeds({ 'step.rate': 0 }), ...states }
  const net = forward(recipe, first, 'train')
  const all = unpacked(measurements(net, asked), evaluate(built.graph, feeds))
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, scalarOf(value)]))
}

describe('shapes and limits', () => {
  const streams: ProbeName[] = ['tokenCosine', 'centredTokenCosine', 'rankResidual', 'blockInfluence']
  const stream =
    (change: (x: Value) => Value): Layer =>
    (s, x) =>
      s.tap('stream', change(s.tap('input', x)))

  test('vectors without a sequence axis are one sequence of examples', () => {
    const x = normals([5, 4])
    const flat = probed(stream(tanh), x, streams)
    const whole = probed(stream(tanh), { ...x, shape: [1, 5, 4] }, streams)
    expect(flat).toEqual(whole)
    expect(flat['tokenCosine input']).toBeCloseTo(pairs(cut(Array.from(x.data), 4)), 9)
  })

  test('tokens that are the same have cosine 1 and no residual; a shared bias is seen through', () => {
    const same = tensor(
      Float32Array.from({ length: 24 }, (_, i) => i % 4),
      [2, 3, 4],
    )
    const collapsed = probed(
      stream((x) => mul(x, 3)),
      same,
      streams,
    )
    expect(collapsed['tokenCosine stream']).toBeCloseTo(1, 12)
    expect(collapsed['rankResidual stream']).toBeCloseTo(0, 12)
    expect(collapsed['blockInfluence stream']).toBeCloseTo(0, 12)
    const biased = probed(
      stream((x) => add(x, 100)),
      normals([20, 6, 4]),
      streams,
    )
    expect(biased['tokenCosine stream']).toBeGreaterThan(0.99)
    expect(biased['centredTokenCosine stream']).toBeLessThan(0.5)
    expect(biased['centredTokenCosine stream']).toBeCloseTo(biased['centredTokenCosine input']!, 4)
  })

  test('a stream of zeros has cosine 0 to itself and to what came before', () => {
    const silent = probed(
      stream((x) => mul(x, 0)),
      normals([2, 3, 4]),
      ['tokenCosine', 'blockInfluence'],
    )
    expect(silent['tokenCosine stream']).toBe(0)
    expect(silent['blockInfluence stream']).toBe(1)
  })

  test('the influence of a small branch keeps its digits in float32', async () => {
    const quiet: Layer = (s, x) => {
      const opened = s.tap('input', linear(6)(s.in('embed'), x))
      const added = linear(6)(s.in('branch'), opened)
      return linear(3)(s.in('head'), mean(s.tap('stream', add(opened, mul(added, 1e-3))), [1]))
    }
    const session = await sessionOf(recipeOf(quiet, sgd({ learningRate: 0 }), { probes: ['blockInfluence'] }))
    const states = await session.engine.read(session.paths)
    const { graph: built } = build(session.recipe, 'probe', batch)
    const name = 'blockInfluence stream'
    const exact = unpacked(session.measured, evaluate(built, { ...states, ...feedsAt(session, 1) }))[name]!
    expect(scalarOf(exact)).toBeLessThan(1e-6)
    expectClose((await stepOf(session, 1, 'probe'))[name]!, exact, 1e-3)
  })

  test('units of images are channels; streams of images have no tokens', () => {
    const image = tensor(
      Float32Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => Number(i % 12 >= 4 && i !== 5)),
      [2, 3, 2, 2],
    )
    const net: Layer = (s, x) => s.tap('stream', s.tap('hidden', x))
    const found = probed(net, image, ['zeroShare', 'deadUnits', ...streams, 'rms'])
    expect(found['deadUnits hidden']).toBeCloseTo(1 / 3, 12)
    expect(found['zeroShare hidden']).toBeCloseTo(9 / 24, 12)
    expect(Object.keys(found).filter((name) => name.includes('stream'))).toEqual(['rms stream'])
  })

  test('gains below 0.1 either way are small, and what exceeds 2 either way is saturated', () => {
    const net: Layer = (s, x) => mul(s.tap('preTanh', x), s.parameter('g', [5], gain))
    const x = tensor(Float32Array.of(2, -2, 2.01, -2.01, 0), [1, 5])
    const g = tensor(Float32Array.of(0.11, -0.11, 0.09, -0.09, 0), [5])
    const found = probed(net, x, ['saturation', 'smallGains', 'gainMin'], { g })
    expect(found['saturation preTanh']).toBeCloseTo(2 / 5, 12)
    expect(found['smallGains g']).toBeCloseTo(3 / 5, 12)
    expect(found['gainMin g']).toBeCloseTo(-0.11, 6)
  })

  test('a second stack has nothing before it', () => {
    const two: Layer = (s, x) => stream(tanh)(s.in('decoder'), stream(tanh)(s.in('encoder'), x))
    const found = Object.keys(probed(two, normals([2, 3, 4]), ['blockInfluence']))
    const influences = ['encoder', 'decoder'].map((stack) => `blockInfluence ${stack}.stream`)
    expect(found.filter((name) => name.startsWith('blockInfluence'))).toEqual(influences)
  })

  test('what is wide or no activation is left to its own probes', () => {
    const net: Layer = (s, x) =>
      ['weights', 'scores', 'hidden', 'preTanh', 'own'].reduce((value, name) => s.tap(name, mul(value, 2)), x)
    expect(Object.keys(probed(net, normals([2, 3]), ['rms', 'maxAbs']))).toEqual(
      expect.arrayContaining(['rms own', 'maxAbs own']),
    )
    expect(Object.keys(probed(net, normals([2, 3]), ['rms'])).filter((name) => name.startsWith('rms'))).toEqual([
      'rms own',
    ])
  })
})
