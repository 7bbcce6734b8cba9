import { afterAll } from 'vitest'
import type { Layer, Parameter, ParameterOptions } from '../../graph/scope.ts'
import type { Value } from '../../graph/value.ts'
import { normal } from '../../nn/init.ts'
import { linear } from '../../nn/linear.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import { sum } from '../../ops/broadcast.ts'
import { constant } from '../../ops/constant.ts'
import { matMul } from '../../ops/matmul.ts'
import { rmsNorm } from '../../ops/normalize.ts'
import { mean } from '../../ops/reduce.ts'
import { softmax } from '../../ops/softmax.ts'
import { relu, tanh } from '../../ops/unary.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { random } from '../../random.ts'
import { LocalEngine } from '../../runtime/node/local.ts'
import { type HostTensor, type Shape, tensor } from '../../tensor.ts'
import { type Results, scalarFeeds } from '../measure.ts'
import { scalarInput } from '../program-builder.ts'
import { Session } from '../session.ts'
import type { Recipe } from '../step.ts'
import type { Measurement } from './measurements.ts'

export const batch: number = 4
const source = random(5, 'probes')
export const normals = (shape: Shape): HostTensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => source.normal()),
    shape,
  )

const mask = constant({ dtype: 'float32', shape: [3, 3], data: Float32Array.of(0, -1e30, -1e30, 0, 0, -1e30, 0, 0, 0) })
const drowned = constant({ dtype: 'float32', shape: [5], data: Float32Array.of(0, 0, -100, 0, 0) })
const spread = normal(0.7)

/** Two branches on three tokens of six features, with everything that probes look at. */
export const watched: Layer = (s, x) => {
  const opened = s.tap('input', linear(6)(s.in('embed'), x))
  const a = s.in('attention')
  const [seen] = rmsNorm(opened, a.parameter('gain', [6], gain), 1e-5)
  const part = (name: string, bias = true): Value => linear(3, { bias })(a.in(name), seen)
  const [query, key, value] = [part('query'), part('key', false), part('value')] // softmax does not see a bias of keys
  const scores = a.tap('scores', mul(matMul(query, key, { b: true }), 3 ** -0.5))
  const weights = a.tap('weights', softmax(add(scores, mask)))
  const mixed = a.tap('branch', linear(6)(a.in('out'), matMul(weights, value)))
  const scale = a.parameter('scale', [], { role: 'residual', init: spread })
  const middle = a.tap('stream', add(opened, mul(mixed, scale)))

  const f = s.in('mlp')
  const hidden = f.tap('hidden', relu(add(linear(5)(f.in('up'), middle), drowned)))
  const steep = f.tap('preTanh', mul(linear(6)(f.in('down'), hidden), 4))
  const added = f.tap('branch', tanh(steep))
  const mixing = f.parameter('A', [2, 2], { role: 'skip', init: spread })
  const stream = f.tap('stream', add(mul(middle, sum(mixing)), mul(added, f.parameter('gain', [6], gain))))
  return linear(3, { role: 'head' })(s.in('head'), s.tap('pooled', mean(stream, [1])))
}
export const gain: ParameterOptions = { role: 'gain', init: spread }

export const recipeOf = (net: Layer, optimizer: Optimizer, more: Partial<Recipe> = {}): Recipe => ({
  ...{ net, inputs: { dtype: 'float32', shape: [3, 4] }, targets: { dtype: 'int32', shape: [] } },
  ...{ loss: crossEntropy, metrics: {}, probes: 'all', optimizer },
  ...more,
})

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

export async function sessionOf(recipe: Recipe): Promise<Session> {
  const engine = await LocalEngine.create(1, true)
  engines.push(engine)
  const session = new Session(recipe, engine, 3)
  await session.initialize()
  return session
}

const batches = Array.from({ length: 4 }, (_, i) => ({
  inputs: normals([batch, 3, 4]),
  targets: tensor(
    Int32Array.from({ length: batch }, (_, j) => (i + j) % 3),
    [batch],
  ),
}))

export const matricesOf = ({ traced }: Session): Parameter[] =>
  [...traced.parameters.values()].filter(({ value }) => value.shape.length > 1)

export const feedsAt = ({ recipe }: Session, step: number): Record<string, HostTensor> => {
  const scalars = Object.entries(recipe.optimizer.scalars(step)).map(([name, value]) => [scalarInput(name), value])
  return { ...batches[(step - 1) % 4], ...scalarFeeds(Object.fromEntries(scalars) as Record<string, number>) }
}

/** The results of a probed step with each measurement apart, as `name path`. */
export const unpacked = (measured: readonly Measurement[], { probes: packed, ...rest }: Results): Results => ({
  ...rest,
  ...Object.fromEntries(
    measured.map(({ name, path }, i) => [`${name} ${path}`, tensor(packed!.data.slice(i, i + 1), [])]),
  ),
})

export async function stepOf(session: Session, step: number, kind: 'train' | 'probe'): Promise<Results> {
  const results = await session.programs.run(kind, batch, feedsAt(session, step), step)
  return kind === 'train' ? results : unpacked(session.measured, results)
}

export type Numbers = readonly number[]
export const total = (x: Numbers): number => x.reduce((a, b) => a + b, 0)
export const average = (x: Numbers): number => total(x) / x.length
export const rms = (x: Numbers): number => Math.sqrt(average(x.map((a) => a * a)))
export const length = (x: Numbers): number => Math.hypot(...x)
export const share = (x: Numbers, holds: (a: number) => boolean): number => average(x.map((a) => Number(holds(a))))
const dot = (x: Numbers, y: Numbers): number => total(x.map((a, i) => a * y[i]!))
export const cosine = (x: Numbers, y: Numbers): number => dot(x, y) / (length(x) * length(y))
export const minus = (x: Numbers, y: Numbers): number[] => x.map((a, i) => a - y[i]!)
export const cut = <T>(x: readonly T[], size: number): T[][] =>
  Array.from({ length: x.length / size }, (_, i) => x.slice(i * size, (i + 1) * size))
export const columnMeans = (rows: readonly Numbers[]): number[] =>
  rows[0]!.map((_, j) => average(rows.map((row) => row[j]!)))
export const pairs = (rows: readonly Numbers[]): number => average(rows.flatMap((a) => rows.map((b) => cosine(a, b))))
export const kurtosis = (x: Numbers): number => {
  const m = average(x)
  return average(x.map((a) => (a - m) ** 4)) / average(x.map((a) => (a - m) ** 2)) ** 2
}
