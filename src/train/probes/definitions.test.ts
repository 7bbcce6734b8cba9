import { describe, expect, test } from 'vitest'
import { expectClose } from '../../../test/close.ts'
import { vjp } from '../../autodiff/grad.ts'
import { graph } from '../../graph/graph.ts'
import type { Layer } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { ones, zeros } from '../../nn/init.ts'
import { linear } from '../../nn/linear.ts'
import { div } from '../../ops/arithmetic.ts'
import { sum } from '../../ops/broadcast.ts'
import { square } from '../../ops/composite.ts'
import { scalar } from '../../ops/constant.ts'
import { matMul } from '../../ops/matmul.ts'
import { mean } from '../../ops/reduce.ts'
import { sqrt } from '../../ops/unary.ts'
import { adamW } from '../../optim/adam.ts'
import { clipNorm, type Optimizer } from '../../optim/optimizer.ts'
import { sgd } from '../../optim/sgd.ts'
import { evaluate } from '../../runtime/reference.ts'
import { type HostTensor, tensor } from '../../tensor.ts'
import { scalarOf } from '../measure.ts'
import { build, forward } from '../step.ts'
import { measurements } from './measurements.ts'
import { probes } from './table.ts'
import {
  feedsAt,
  batch,
  watched,
  recipeOf,
  sessionOf,
  matricesOf,
  stepOf,
  unpacked,
  type Numbers,
  total,
  average,
  rms,
  length,
  share,
  cosine,
  minus,
  cut,
  columnMeans,
  pairs,
  kurtosis,
} from './probes.test-kit.ts'

/** Every probe of `watched` by its definition, from the tensors themselves. */
function expectedOf(
  tap: (path: string) => number[],
  gradient: (path: string) => number[],
  parameters: Readonly<Record<string, number[]>>,
  logits: number[],
): Record<string, number> {
  const found: Record<string, number> = {}
  const activations = ['input', 'attention.branch', 'attention.stream', 'mlp.branch', 'mlp.stream', 'pooled']
  for (const path of activations) {
    found[`rms ${path}`] = rms(tap(path))
    found[`maxAbs ${path}`] = Math.max(...tap(path).map(Math.abs))
    found[`kurtosis ${path}`] = kurtosis(tap(path))
    found[`gradientNorm ${path}`] = length(gradient(path))
  }
  found['branchRatio attention.branch'] = rms(tap('attention.branch')) / rms(tap('input'))
  found['branchRatio mlp.branch'] = rms(tap('mlp.branch')) / rms(tap('attention.stream'))
  for (const path of Object.keys(parameters)) found[`parameterGradientNorm ${path}`] = length(gradient(path))

  const streams = ['input', 'attention.stream', 'mlp.stream']
  streams.forEach((path, i) => {
    const tokens = cut(tap(path), 6)
    const sequences = cut(tokens, 3)
    const bias = columnMeans(tokens)
    const centred = sequences.map((rows) => rows.map((row) => minus(row, bias)))
    const rest = sequences.flatMap((rows) => rows.flatMap((row) => minus(row, columnMeans(rows))))
    found[`tokenCosine ${path}`] = average(sequences.map(pairs))
    found[`centredTokenCosine ${path}`] = average(centred.map(pairs))
    found[`rankResidual ${path}`] = length(rest) / length(tap(path))
    if (i === 0) return
    const before = cut(tap(streams[i - 1]!), 6)
    found[`blockInfluence ${path}`] = average(tokens.map((token, t) => 1 - cosine(token, before[t]!)))
  })

  const rows = cut(tap('attention.weights'), 3)
  const entropy = (row: Numbers): number => -total(row.map((p) => (p === 0 ? 0 : p * Math.log(p))))
  found['attentionEntropy attention.weights'] = average(rows.map(entropy))
  found['maxLogit attention.scores'] = Math.max(...tap('attention.scores'))
  found['squaredLogSumExp output'] = average(cut(logits, 3).map((row) => Math.log(total(row.map(Math.exp))) ** 2))
  for (const path of ['attention.gain', 'mlp.gain']) {
    const g = parameters[path]!
    found[`gainMean ${path}`] = average(g)
    found[`gainMin ${path}`] = Math.min(...g)
    found[`gainMax ${path}`] = Math.max(...g)
    found[`smallGains ${path}`] = share(g, (a) => Math.abs(a) < 0.1)
  }
  found['residualWeight attention.scale'] = parameters['attention.scale']![0]!
  parameters['mlp.A']!.forEach((a, i) => (found[`residualWeight mlp.A[${i}]`] = a))
  const units = cut(tap('mlp.hidden'), 5)
  found['zeroShare mlp.hidden'] = share(tap('mlp.hidden'), (h) => h === 0)
  found['deadUnits mlp.hidden'] = average([0, 1, 2, 3, 4].map((j) => Number(units.every((row) => row[j] === 0))))
  found['saturation mlp.preTanh'] = share(tap('mlp.preTanh'), (z) => Math.abs(z) > 2)
  return found
}

describe('every probe', () => {
  test('is its definition, in float64 and as ONNX Runtime computes it', async () => {
    const session = await sessionOf(recipeOf(watched, adamW({ learningRate: 0.1 })))
    await stepOf(session, 1, 'train')
    const states = await session.engine.read(session.paths)
    const feeds = { ...states, ...feedsAt(session, 2) }

    const net = forward(session.recipe, batch, 'train')
    const leaves = new Map([...net.taps, ...[...net.parameters].map(([path, { value }]) => [path, value] as const)])
    const gradients = vjp([net.loss], [scalar(1)], [...leaves.values()])
    const slopes = [...leaves.keys()].map((path, i) => [`gradient ${path}`, gradients[i]!] as const)
    const outputs = new Map([...net.taps, ...slopes, ['logits', net.output]])
    const tensors = evaluate(graph(outputs), feeds)
    const read = (name: string): number[] => Array.from(tensors[name]!.data)
    const parameters = Object.fromEntries(
      [...net.parameters.keys()].map((path) => [path, Array.from(states[path]!.data)]),
    )
    const expected = expectedOf(read, (path) => read(`gradient ${path}`), parameters, read('logits'))

    const built = unpacked(session.measured, evaluate(build(session.recipe, 'probe', batch).graph, feeds))
    const ran = await stepOf(session, 2, 'probe')
    for (const { path } of matricesOf(session)) {
      expected[`updateRatio ${path}`] = scalarOf(built[`updateRatio ${path}`]) // compared with the weights below
    }
    const measured = measurements(net, 'all').map(({ name, path }) => `${name} ${path}`)
    expect(measured.toSorted()).toEqual(Object.keys(expected).toSorted())
    const here = Object.keys(probes).filter((name) => name !== 'compositeGain') // of nets with several streams
    expect(new Set(measured.map((name) => name.split(' ')[0]))).toEqual(new Set(here))
    for (const [name, value] of Object.entries(expected)) {
      const of = (x: number): HostTensor => tensor(Float64Array.of(x), [])
      expect(ran[name]?.shape, name).toEqual([])
      expectClose(built[name]!, of(value), 1e-9, name)
      expectClose(ran[name]!, of(value), 2e-5, name)
    }
    expect(expected['deadUnits mlp.hidden']).toBeGreaterThanOrEqual(0.2)
    expect(expected['saturation mlp.preTanh']).toBeGreaterThan(0)
  })

  test.each<[string, boolean, Optimizer]>([
    ['kernels', true, adamW({ learningRate: 0.1, weightDecay: 0.5 })],
    ['kernels that clip', true, clipNorm(0.2, adamW({ learningRate: 0.1 }))],
    ['nodes that clip', false, clipNorm(0.2, sgd({ learningRate: 0.1, momentum: 0.9 }))],
  ])('says how far the update moves each parameter, done by %s', async (_, fusedUpdate, optimizer) => {
    const session = await sessionOf(recipeOf(watched, optimizer, { fusedUpdate, probes: ['updateRatio'] }))
    const paths = matricesOf(session).map(({ path }) => path)
    expect(paths).toHaveLength(9)
    for (const step of [1, 2, 3]) {
      const before = await session.engine.read(paths)
      const results = await stepOf(session, step, 'probe')
      const after = await session.engine.read(paths)
      for (const path of paths) {
        const [a, b] = [before, after].map((all) => Array.from(all[path]!.data))
        const ratio = length(minus(b!, a!)) / length(a!)
        expect(ratio, path).toBeGreaterThan(1e-5)
        expectClose(results[`updateRatio ${path}`]!, tensor(Float64Array.of(ratio), []), 1e-4, path)
      }
    }
  })

  test('a constraint counts in how far the update moves a parameter', async () => {
    const unit: Layer = (s, x) => {
      const onSphere = (w: Value): Value => div(w, sqrt(sum(square(w))))
      const direction = s.parameter('direction', [4, 3], { role: 'inner', init: ones, constraint: onSphere })
      return mean(matMul(x, direction), [1])
    }
    const session = await sessionOf(recipeOf(unit, sgd({ learningRate: 0.1 })))
    const results = await stepOf(session, 1, 'probe')
    const { direction } = await session.engine.read(['direction'])
    const moved = length(Array.from(direction!.data, (w) => w - 1)) / Math.sqrt(12)
    expect(moved).toBeGreaterThan(0.5)
    expect(scalarOf(results['updateRatio direction'])).toBeCloseTo(moved, 6)
  })
})

test('an update that leaves zero is infinitely large', async () => {
  const net: Layer = (s, x) => linear(3, { init: zeros })(s, mean(x, [1]))
  const session = await sessionOf(recipeOf(net, sgd({ learningRate: 0.1 }), { probes: ['updateRatio'] }))
  expect(scalarOf((await stepOf(session, 1, 'probe'))['updateRatio weight'])).toBe(Infinity)
})
