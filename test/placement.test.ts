import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { vjp } from '../src/autodiff/grad.ts'
import { type Graph, graph } from '../src/graph/graph.ts'
import { input, type Value } from '../src/graph/value.ts'
import { toOnnx } from '../src/onnx/model.ts'
import { neg } from '../src/ops/arithmetic.ts'
import { broadcastTo } from '../src/ops/broadcast.ts'
import { cast, equal, greater, less, where } from '../src/ops/compare.ts'
import { gather, takeLast } from '../src/ops/gather.ts'
import { isFloat } from '../src/tensor.ts'
import { reshape, transpose } from '../src/ops/reshape.ts'
import { concat, pad, slice, split } from '../src/ops/slice.ts'
import { random } from '../src/random.ts'
import { evaluate } from '../src/runtime/reference.ts'
import { type HostTensor, type Shape, sizeOf, tensor } from '../src/tensor.ts'
import { expectClose } from './close.ts'
import { leavesOf, type OpCase, opCases, operandsOf } from './op-cases.ts'
import { recordNames } from './op-records.ts'
import { type Placement, startWebGpu, vulkanDriver, type WebGpu } from './webgpu.ts'

type Feeds = Readonly<Record<string, HostTensor>>

/** Cases in one graph: outputs `case/y0`, gradients `case/d0` for fed cotangents; how far each may be off in float32. */
interface Suite {
  readonly traced: Graph
  readonly feeds: Feeds
  readonly tolerances: ReadonlyMap<string, number>
}

function suiteOf(cases: readonly OpCase[]): Suite {
  const outputs = new Map<string, Value>()
  const feeds = new Map<string, HostTensor>()
  const tolerances = new Map<string, number>()
  for (const one of cases) {
    const leaves = leavesOf(one, 'float32', `${one.name}/`)
    const results = one.f(...leaves)
    const gradients = one.order === 0 ? [] : gradientsOf(one.name, results, leaves)
    results.forEach((value, i) => outputs.set(`${one.name}/y${i}`, value))
    gradients.forEach((value, i) => outputs.set(`${one.name}/d${i}`, value))
    operandsOf(one, 'float32').forEach((operand, i) => feeds.set(`${one.name}/x${i}`, operand))
    for (const name of outputs.keys()) if (!tolerances.has(name)) tolerances.set(name, Math.max(one.tolerance, 1e-4))
  }
  const traced = graph(outputs)
  for (const [name, { shape }] of traced.inputs) if (!feeds.has(name)) feeds.set(name, normals(name, shape))
  const fed = [...feeds].filter(([name]) => traced.inputs.has(name)) // a gradient need not read every operand
  return { traced, feeds: Object.fromEntries(fed), tolerances }
}

/** Cotangents are leaves, not constants, so that no node is folded away. */
function gradientsOf(name: string, results: readonly Value[], leaves: readonly Value[]): Value[] {
  const floats = results.filter((value) => isFloat(value.type))
  const cotangents = floats.map((value, i) => input(`${name}/g${i}`, value.dtype, value.shape))
  return vjp(
    floats,
    cotangents,
    leaves.filter((value) => isFloat(value.type)),
  )
}

function normals(path: string, shape: Shape): HostTensor {
  const source = random(1, path)
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => source.normal()),
    shape,
  )
}

type Operand = OpCase['inputs'][number]
type Result = Value | readonly Value[]

const integers = (...shape: number[]): Operand => ({ dtype: 'int32', shape, draw: (source) => source.below(5) - 2 })
const indices = (...shape: number[]): Operand => ({ dtype: 'int32', shape, draw: (source) => source.below(3) })
const bools = (...shape: number[]): Operand => ({ dtype: 'bool', shape, draw: (source) => source.below(2) })

const exactly = (op: string, f: (...values: Value[]) => Result, ...inputs: Operand[]): OpCase => {
  const name = `${op} ${inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')}`
  return { op, name, inputs, f: (...values) => [f(...values)].flat(), order: 0, step: 0, tolerance: 0, float64: false }
}

const moves: Readonly<Record<string, (x: Value) => Result>> = {
  broadcastTo: (x) => broadcastTo(reshape(x, [4, 1, 3]), [4, 5, 3]),
  reshape: (x) => reshape(x, [6, 2]),
  transpose: (x) => transpose(x),
  slice: (x) => [slice(x, [1, 0], [2, 3]), slice(x, [0, 1], [3, 2]), slice(x, [0, 0], [4, 1])],
  pad: (x) => pad(x, [1, 0], [0, 2]),
  concat: (x) => concat([x, x], 1),
  split: (x) => split(x, 1, [1, 2]),
}

/** What `opCases` has for floats: the providers place nodes by dtype. */
const otherDtypes: readonly OpCase[] = [
  ...Object.entries(moves).flatMap(([op, f]) => [exactly(op, f, integers(4, 3)), exactly(op, f, bools(4, 3))]),
  exactly('gather', gather, integers(4, 3), indices(2, 3)),
  exactly('gather', gather, bools(4, 3), indices(2, 3)),
  exactly('takeLast', takeLast, integers(2, 4, 3), indices(2, 4)),
  exactly('takeLast', takeLast, bools(4, 3), indices(4)),
  exactly('neg', neg, integers(4, 3)),
  exactly('equal', equal, integers(4, 3), indices(3)),
  exactly('less', less, integers(4, 3), indices(3)),
  exactly('greater', greater, integers(4, 3), indices(3)),
  exactly('where', where, bools(3), integers(4, 3), indices(4, 1)),
  exactly('cast', (x) => [cast(x, 'bool'), cast(x, 'float32')], integers(4, 3)),
  exactly('cast', (x) => [cast(x, 'int32'), cast(x, 'float32')], bools(4, 3)),
]

const suites = new Map<string, OpCase[]>()
for (const one of [...opCases, ...otherDtypes]) suites.set(one.op, [...(suites.get(one.op) ?? []), one])

test('every op record is among what is run', () => {
  const traced = [...suites.values()].flatMap((cases) => suiteOf(cases).traced.nodes.map((node) => node.op?.name))
  expect(recordNames().filter((name) => !traced.includes(name))).toEqual([])
})

const driver = vulkanDriver()
const needed = 'install chromium for its SwiftShader, or name a driver in VK_DRIVER_FILES'
const skipped = driver === undefined && process.env.CI === undefined
if (skipped) console.warn(`placement: skipped, no Vulkan driver found; ${needed}`)

// No operator is excepted: every node of every lowering for WebGPU runs there.
describe.skipIf(skipped)('WebGPU runs every node itself, and rightly:', () => {
  let gpu: WebGpu | undefined

  beforeAll(() => {
    if (driver === undefined) throw new Error(`placement: no Vulkan driver found; ${needed}`)
    gpu = startWebGpu(driver)
  })
  afterAll(() => gpu?.stop())

  // One graph per op: a session costs more than the nodes in it.
  test.each([...suites])('%s', async (_op, cases) => {
    const { traced, feeds, tolerances } = suiteOf(cases)
    const { outputs, nodes } = await gpu!.run(toOnnx(traced, { target: 'webgpu' }), feeds)
    const isCopy = ({ op }: Placement): boolean => op.startsWith('Memcpy')
    expect(nodes.filter((node) => node.provider !== 'WebGpuExecutionProvider' || isCopy(node))).toEqual([])
    expect(nodes.length).toBeGreaterThan(0)
    for (const [name, expected] of Object.entries(evaluate(traced, feeds))) {
      expectClose(outputs[name]!, expected, tolerances.get(name)!, name)
    }
  })
})
