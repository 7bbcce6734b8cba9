import { InferenceSession, Tensor } from 'onnxruntime-node'
import { vjp } from '../src/autodiff/grad.ts'
import { type Graph, graph } from '../src/graph/graph.ts'
import { type Layer, type Mode, trace } from '../src/graph/scope.ts'
import { simplify } from '../src/graph/simplify.ts'
import { input, type Value } from '../src/graph/value.ts'
import { scalar } from '../src/ops/constant.ts'
import { toOnnx } from '../src/onnx/model.ts'
import { evaluate } from '../src/runtime/reference.ts'
import { type HostTensor, sameShape, typeText } from '../src/tensor.ts'
import type { Tensors } from './fixtures/load.ts'

/** `relative` is a share of the largest expected element; `absolute` is for tensors whose true value is 0. */
export interface Tolerance {
  readonly relative: number
  readonly absolute: number
}

export const float64: Tolerance = { relative: 1e-9, absolute: 1e-13 }
export const float32: Tolerance = { relative: 1e-5, absolute: 5e-6 }

/** What a fixture records: outputs, and the gradients of the first of them by name. */
export interface Recorded {
  readonly outputs: Tensors
  readonly gradients: Tensors
}

const inFloat32 = ({ dtype, shape, data }: HostTensor): Tensor =>
  dtype === 'int32' ? new Tensor('int32', data, shape) : new Tensor('float32', Float32Array.from(data), shape)

/** What onnxruntime-node computes on the CPU in float32 from the simplified graph. */
export async function runOnnx(source: Graph, feeds: Tensors): Promise<Record<string, HostTensor>> {
  const traced = simplify(source)
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const
  const session = await InferenceSession.create(toOnnx(traced, { target: 'cpu' }), options)
  const names = [...traced.inputs.keys()]
  const results = await session.run(Object.fromEntries(names.map((name) => [name, inFloat32(feeds[name]!)])))
  await session.release()
  return Object.fromEntries(
    Array.from(traced.outputs, ([name, { type }]) => [
      name,
      { ...type, data: results[name]?.data as Float32Array<ArrayBuffer> },
    ]),
  )
}

/** The graph of `outputs` under `output/name` and of the first one's gradients under `gradient/name`. */
export function differentiated(
  outputs: Readonly<Record<string, Value>>,
  leaves: Readonly<Record<string, Value>>,
): Graph {
  const first = Object.values(outputs)[0]!
  const cotangent = first.shape.length === 0 ? scalar(1, first.dtype) : input('cotangent', first.dtype, first.shape)
  const gradients = vjp([first], [cotangent], Object.values(leaves))
  return graph({
    ...Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`output/${name}`, value])),
    ...Object.fromEntries(Object.keys(leaves).map((name, i) => [`gradient/${name}`, gradients[i]!])),
  })
}

/**
 * A layer traced on `x`, differentiated with respect to `x` (where it is float) and all parameters. Outputs: `y`, and the
 * next value of the `states` asked for by path. The leaf of `x` is named `inputs`.
 */
export function layerGraph(
  layer: Layer,
  x: HostTensor,
  { mode = 'train', states = [] }: { mode?: Mode | undefined; states?: readonly string[] } = {},
): Graph {
  const dtype = x.dtype === 'float64' ? 'float32' : x.dtype
  const traced = trace(layer, dtype, x.shape, mode)
  const next = states.map((path) => {
    const state = traced.states.get(path)!
    return [path, state.next ?? state.value] as const
  })
  const leaves = Array.from(traced.parameters.values(), ({ path, value }) => [path, value] as const)
  return differentiated(
    { y: traced.output, ...Object.fromEntries(next) },
    { ...(dtype === 'float32' && { x: traced.input }), ...Object.fromEntries(leaves) },
  )
}

/** Throws unless every element of `actual` lies within the tolerance of `expected`. */
export function expectNear(
  actual: HostTensor | undefined,
  expected: HostTensor,
  tolerance: Tolerance,
  what: string,
): void {
  if (actual === undefined) throw new Error(`${what}: missing`)
  if (!sameShape(actual.shape, expected.shape)) {
    throw new Error(`${what}: expected ${typeText(expected)}, got ${typeText(actual)}`)
  }
  const scale = Math.max(...Array.from(expected.data, Math.abs))
  const allowed = Math.max(tolerance.absolute, tolerance.relative * scale)
  expected.data.forEach((value, i) => {
    const off = Math.abs(actual.data[i]! - value)
    if (off <= allowed) return
    throw new Error(`${what}[${i}]: expected ${value}, got ${actual.data[i]}, off by ${off}, allowed ${allowed}`)
  })
}

/** Holds the results of a `differentiated` graph to everything a fixture records, no gradient missing and none left over. */
export function expectRecorded(results: Tensors, recorded: Recorded, tolerance: Tolerance): void {
  const named = (kind: string, tensors: Tensors): [string, HostTensor][] =>
    Object.entries(tensors).map(([name, value]) => [`${kind}/${name}`, value])
  const expected = new Map([...named('output', recorded.outputs), ...named('gradient', recorded.gradients)])
  for (const [name, value] of expected) expectNear(results[name], value, tolerance, name)
  for (const name of Object.keys(results)) {
    if (name.startsWith('gradient/') && !expected.has(name))
      throw new Error(`${name}: the fixture has no such gradient`)
  }
}

/** Holds a graph to a fixture in both: the float64 reference evaluator, and ONNX Runtime in float32. */
export async function expectFixture(
  traced: Graph,
  feeds: Tensors,
  recorded: Recorded,
  reference: Tolerance = float64,
): Promise<void> {
  expectRecorded(evaluate(traced, feeds), recorded, reference)
  expectRecorded(await runOnnx(traced, feeds), recorded, float32)
}
