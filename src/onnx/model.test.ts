import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { GraphError } from '../errors.ts'
import { type Graph, graph } from '../graph/graph.ts'
import { input, type Value } from '../graph/value.ts'
import { add, div, mul } from '../ops/arithmetic.ts'
import { broadcastTo } from '../ops/broadcast.ts'
import { greater } from '../ops/compare.ts'
import { constant, scalar } from '../ops/constant.ts'
import { stopGradient } from '../ops/gradient.ts'
import { matMul } from '../ops/matmul.ts'
import { layerNorm } from '../ops/normalize.ts'
import { mean } from '../ops/reduce.ts'
import { reshape } from '../ops/reshape.ts'
import { concat, sliceAxis, split } from '../ops/slice.ts'
import { softmax } from '../ops/softmax.ts'
import { relu } from '../ops/unary.ts'
import { evaluate } from '../runtime/reference.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { dynamicBatch, type ModelOptions, toOnnx } from './model.ts'
import { decode } from './protobuf.ts'
import type { Message } from './schema.ts'

const lowered = (graph: Graph, options: Partial<ModelOptions> = {}): Uint8Array =>
  toOnnx(graph, { target: 'cpu', ...options })

function graphOf(model: Uint8Array): Message<'GraphProto'> {
  return decode('ModelProto', model).graph!
}

/** What ONNX Runtime computes from a model, as plain numbers. */
async function run(model: Uint8Array, feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(model)
  const wrapped = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [name, new Tensor(dtype, data, shape)])
  const results = await session.run(Object.fromEntries(wrapped) as Record<string, Tensor>)
  await session.release()
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  )
}

const x = (): Value => input('x', 'float32', [2, 3])
const six = tensor([1, -2, 3, -4, 5, -6], [2, 3])

describe('the model of a graph', () => {
  const model = lowered(graph({ y: relu(matMul(x(), input('blocks.0.up.weight', 'float32', [3, 4]))) }), {
    metadata: { wiring: '{"skip":"identity"}', step: '7' },
  })

  test('says which operator set it needs, who wrote it and what it is told', () => {
    expect(decode('ModelProto', model)).toMatchObject({
      irVersion: 10,
      producerName: 'residua',
      opsetImport: [{ domain: '', version: 21 }],
      metadataProps: [
        { key: 'wiring', value: '{"skip":"identity"}' },
        { key: 'step', value: '7' },
      ],
    })
  })

  test('has inputs, outputs and values under the names of the graph', () => {
    const type = (...sizes: readonly number[]): object => ({
      tensorType: { elemType: 1, shape: { dim: sizes.map((dimValue) => ({ dimValue })) } },
    })
    expect(graphOf(model)).toEqual({
      name: 'residua',
      node: [
        {
          name: 'Gemm_0',
          opType: 'Gemm',
          input: ['x', 'blocks.0.up.weight'],
          output: ['_0'],
          attribute: [
            { name: 'transA', i: 0, type: 2 },
            { name: 'transB', i: 0, type: 2 },
          ],
        },
        { name: 'Relu_1', opType: 'Relu', input: ['_0'], output: ['y'] },
      ],
      input: [
        { name: 'x', type: type(2, 3) },
        { name: 'blocks.0.up.weight', type: type(3, 4) },
      ],
      output: [{ name: 'y', type: type(2, 4) }],
    })
  })

  test('is the same bytes for an equal graph', () => {
    const again = lowered(graph({ y: relu(matMul(x(), input('blocks.0.up.weight', 'float32', [3, 4]))) }), {
      metadata: { wiring: '{"skip":"identity"}', step: '7' },
    })
    expect(again).toEqual(model)
  })

  test('carries every dtype and attribute so that ONNX Runtime computes what the reference does', async () => {
    const leaf = x()
    const [y] = layerNorm(leaf, constant(tensor([1, 2, 3])), constant(tensor([0, 0, 1])), 0.25)
    const [left, right] = split(softmax(y), 1, [1, 2])
    const traced = graph({ y, left: left!, right: right!, positive: greater(leaf, 0) })
    const results = await run(lowered(traced), { x: six })
    for (const [name, { data }] of Object.entries(evaluate(traced, { x: six }))) {
      data.forEach((value, i) => expect(results[name]?.[i], `${name}[${i}]`).toBeCloseTo(value, 5))
    }
    expect(results.positive).toEqual([1, 0, 1, 0, 1, 0])
  })
})

test('outputs may be leaves, constants, or one value under several names, and may be read on', async () => {
  const leaf = x()
  const positive = relu(leaf)
  const traced = graph({
    leaf,
    stopped: stopGradient(leaf),
    constant: scalar(7),
    positive,
    again: positive,
    twice: add(positive, positive),
  })
  const relued = [1, 0, 3, 0, 5, 0]
  expect(await run(lowered(traced), { x: six })).toEqual({
    leaf: [...six.data],
    stopped: [...six.data],
    constant: [7],
    positive: relued,
    again: relued,
    twice: relued.map((value) => 2 * value),
  })
})

describe('constants', () => {
  test('equal ones are stored once, others apart', () => {
    const leaf = x()
    const large = (): Value => constant(tensor(new Float32Array(60), [20, 3]))
    const sum = add(add(add(leaf, 0.5), 0.5), constant(tensor([0.5, 0.5, 0.5])))
    const [first, second] = [large(), large()]
    const model = lowered(graph({ sum, joined: concat([sum, first, second, first], 0) }))
    expect(graphOf(model).initializer?.map(({ dims }) => dims ?? [])).toEqual([[], [3], [20, 3], [20, 3]])
  })

  test('zero keeps its sign', async () => {
    const leaf = input('x', 'float32', [])
    const model = lowered(graph({ up: div(leaf, 0), down: div(leaf, -0) }))
    expect(await run(model, { x: tensor(1) })).toEqual({ up: [Infinity], down: [-Infinity] })
  })

  test('numbers held as float64 are written as what their dtype says', async () => {
    const value: HostTensor = { dtype: 'float32', shape: [2], data: Float64Array.of(0.1, 2) }
    const model = lowered(graph({ y: constant(value) }))
    expect(await run(model, {})).toEqual({ y: [Math.fround(0.1), 2] })
  })
})

describe('initializers', () => {
  const traced = graph({ y: mul(x(), input('weight', 'float32', [3])) })

  test('are stored instead of being fed', async () => {
    const model = lowered(traced, { initializers: new Map([['weight', tensor([2, 3, 4])]]) })
    expect(graphOf(model).input?.map(({ name }) => name)).toEqual(['x'])
    expect(graphOf(model).initializer).toMatchObject([{ name: 'weight', dims: [3], dataType: 1 }])
    expect(await run(model, { x: six })).toEqual({ y: [2, -6, 12, -8, 15, -24] })
  })

  test('may lie beside the model', async () => {
    const weight = tensor([10, 20, 30, 40, 50, 60], [2, 3])
    const model = lowered(graph({ y: add(x(), input('up.weight', 'float32', [2, 3])) }), {
      external: new Set(['up.weight']),
    })
    expect(graphOf(model).input!.map(({ name }) => name)).toEqual(['x'])
    const externalData = [{ path: 'up.weight', data: new Uint8Array(weight.data.buffer) }]
    const session = await InferenceSession.create(model, { externalData })
    const { y } = await session.run({ x: new Tensor('float32', six.data as Float32Array, [2, 3]) })
    await session.release()
    expect([...(y!.data as Float32Array)]).toEqual([11, 18, 33, 36, 55, 54])
  })

  test('are refused when they are not what their leaf is', () => {
    const initializers = new Map([['weight', tensor([2, 3])]])
    expect(() => lowered(traced, { initializers })).toThrow(
      new GraphError("onnx: initializer 'weight' must be float32[3], got float32[2]"),
    )
  })

  test('must not have a size that stands for an open axis', () => {
    const traced = graph({ y: mul(input('x', 'float32', [7, 22]), input('weight', 'float32', [22])) })
    const initializers = new Map([['weight', tensor(new Float32Array(22), [22])]])
    const open = [
      { size: 7, name: 'batch' },
      { size: 11, name: 'time' },
    ]
    expect(() => lowered(traced, { initializers, open })).toThrow(
      /initializer 'weight' has an axis of 22, a multiple of the 11 that stands for the open axis time/,
    )
  })
})

describe('a batch left open', () => {
  const batch = (...rest: readonly number[]): Value => input('x', 'float32', [dynamicBatch, ...rest])

  const gram = (rows: Value): Value => matMul(rows, rows, { b: true })

  test('serves any batch size', async () => {
    const leaf = batch(2, 3)
    const rows = reshape(leaf, [2 * dynamicBatch, 3])
    const shifted = add(rows, broadcastTo(mean(rows, [-1], true), [2 * dynamicBatch, 3]))
    const model = lowered(graph({ rows: shifted, y: reshape(sliceAxis(shifted, 1, 1, 2), [dynamicBatch, 4]) }))
    for (const size of [1, 3]) {
      const data = Float32Array.from({ length: 6 * size }, (_, i) => i)
      const expected = Array.from(data, (value, i) => value + 3 * Math.floor(i / 3) + 1)
      const { rows, y } = await run(model, { x: tensor(data, [size, 2, 3]) })
      expect(rows).toEqual(expected)
      expect(y).toEqual(expected.filter((_, i) => i % 3 > 0))
    }
  })

  test('is an axis with a name, and -1 where a reshape meets it', () => {
    const model = lowered(graph({ y: reshape(batch(4, 6), [4 * dynamicBatch, 3, 2]) }))
    const { input, output, initializer } = graphOf(model)
    const dims = (infos: typeof input): unknown => infos?.map(({ type }) => type?.tensorType?.shape?.dim)
    expect(dims(input)).toEqual([[{ dimParam: 'batch' }, { dimValue: 4 }, { dimValue: 6 }]])
    expect(dims(output)).toEqual([[{ dimParam: '4*batch' }, { dimValue: 3 }, { dimValue: 2 }]])
    const sizes = initializer?.[0]?.rawData?.slice() as Uint8Array
    expect([...new BigInt64Array(sizes.buffer)]).toEqual([-1n, 3n, 2n])
  })

  test.each<[what: string, y: () => Value, message: RegExp]>([
    [
      'mixed into two axes',
      () => reshape(gram(batch(2)), [1, dynamicBatch, dynamicBatch]),
      /^onnx: a reshape mixes the batch into several axes; export with a fixed batch$/,
    ],
    [
      'needed as a size to repeat to',
      () => broadcastTo(input('x', 'float32', [1, 2]), [dynamicBatch, 2]),
      /^onnx: an operator of this graph needs the batch size; export with a fixed batch$/,
    ],
    [
      'needed as the end of a slice',
      () => sliceAxis(input('x', 'float32', [2 * dynamicBatch]), 0, 0, dynamicBatch),
      /needs the batch size/,
    ],
    [
      'an axis of a constant',
      () => add(batch(), constant(tensor(new Uint8Array(dynamicBatch), [dynamicBatch], 'float32'))),
      /^onnx: a constant of this graph has the batch as an axis; export with a fixed batch$/,
    ],
  ])('is refused where it is %s', (_what, y, message) => {
    const traced = graph({ y: y() })
    expect(() => lowered(traced)).toThrow(GraphError)
    expect(() => lowered(traced)).toThrow(message)
  })
})

describe('the stop output', () => {
  test('comes first, is a sequence, and leaves the others as they are', async () => {
    const model = lowered(graph({ y: relu(x()) }), { stop: 'stop' })
    expect(graphOf(model).output?.map(({ name, type }) => [name, Object.keys(type ?? {})])).toEqual([
      ['stop', ['sequenceType']],
      ['y', ['tensorType']],
    ])
    const session = await InferenceSession.create(model)
    const { y } = await session.run({ x: new Tensor('float32', six.data as Float32Array, [2, 3]) }, ['y'])
    await session.release()
    expect(y?.data).toEqual(Float32Array.of(1, 0, 3, 0, 5, 0))
  })
})

test.each<[what: string, outputs: Record<string, Value>, stop: string | undefined, message: string]>([
  [
    'an input and an output of one name',
    { x: relu(x()) },
    undefined,
    "onnx: two inputs or outputs are named 'x'; rename one",
  ],
  ['a stop output of a taken name', { y: relu(x()) }, 'y', "onnx: two inputs or outputs are named 'y'; rename one"],
  [
    'a name of the writer itself',
    { _0: relu(x()) },
    undefined,
    "onnx: '_0' cannot name an input or output: the writer uses it itself; rename it",
  ],
  [
    'no name',
    { '': relu(x()) },
    undefined,
    "onnx: '' cannot name an input or output: the writer uses it itself; rename it",
  ],
])('%s is refused', (_what, outputs, stop, message) => {
  expect(() => lowered(graph(outputs), stop === undefined ? {} : { stop })).toThrow(new GraphError(message))
})

test('weights of 2 GiB and more are refused before anything is written', () => {
  const rows = 2 ** 29
  const y = add(input('w', 'float32', [rows]), 1)
  const huge = { dtype: 'float32', shape: [rows], data: { length: rows } as Float32Array } as const
  expect(() => toOnnx(graph({ y }), { target: 'cpu', initializers: new Map([['w', huge]]) })).toThrow(
    /2147483648 bytes of weights do not fit into one ONNX file/,
  )
})
