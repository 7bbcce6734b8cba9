import { describe, expect, test } from 'vitest'
import { differentiated, expectRecorded, float32, float64, runOnnx } from '../../../test/run-layer.ts'
import type { Tensors } from '../../../test/fixtures/load.ts'
import type { Graph } from '../../graph/graph.ts'
import { trace } from '../../graph/scope.ts'
import type { ModelSpec } from '../../models/spec.ts'
import { modelOf } from '../../models/table.ts'
import { evaluate } from '../../runtime/reference.ts'
import { type HostTensor, tensor } from '../../tensor.ts'
import { families, familyOfConfig, familyOfNet } from './families/table.ts'
import { draw, host, type HubCase, hubCases, tensorsOf, weightsIn } from './hub.test-kit.ts'
import { parameterShapes } from './read-model.ts'
import { matchWeights, readParameters } from './stored-weights.ts'
import { storedTensors } from './weight-table.ts'
import { hubWeights } from './write-weights.ts'

/** The net of a case; token types come from a separator, as a tokenizer would have it. */
function specOf({ config, inputs }: HubCase): ModelSpec {
  const { spec } = familyOfConfig(config, 'config.json').describe(config, 'config.json')
  return inputs.types === undefined ? spec : { ...spec, options: { ...spec.options, separator: 2 } }
}

function parametersOf(one: HubCase, spec: ModelSpec): Tensors {
  const weights = weightsIn(tensorsOf(one))
  const table = familyOfConfig(one.config, '').weights(spec)
  const stored = storedTensors(table, spec.options.layers as number, parameterShapes(spec))
  return Object.fromEntries(readParameters(weights, table, stored, matchWeights(weights, table, stored, '')))
}

function graphOf(spec: ModelSpec, ids: HostTensor): Graph {
  const traced = trace(modelOf(spec), 'int32', ids.shape, 'evaluate')
  const leaves = Object.fromEntries(Array.from(traced.parameters, ([path, { value }]) => [path, value]))
  return differentiated({ y: traced.output }, leaves)
}

/** Gradients under the names of the file: they lie in it as the weights do. */
function stored(spec: ModelSpec, results: Tensors, { gradients }: HubCase): Tensors {
  const sources = hubWeights(spec, (path) => Float32Array.from(results[`gradient/${path}`]!.data))
  const named = sources.filter(({ name }) => name in gradients)
  return {
    'output/y': results['output/y']!,
    ...Object.fromEntries(named.map(({ name, shape, read }) => [`gradient/${name}`, tensor(read(), shape)])),
  }
}

describe.each(hubCases)('$name', (one) => {
  const spec = specOf(one)
  const { ids } = one.inputs as { ids: HostTensor }
  const parameters = parametersOf(one, spec)
  const feeds = { ...parameters, inputs: ids, cotangent: host(draw(one.cotangent)) }

  test('computes what transformers does, in float64', () => {
    const results = evaluate(graphOf(spec, ids), feeds)
    expectRecorded({ 'output/y': results['output/y']! }, { outputs: one.outputs, gradients: {} }, float64)
    expectRecorded(stored(spec, results, one), one, { relative: 1e-6, absolute: 1e-6 })
  })

  test('and in ONNX Runtime', async () => {
    const results = await runOnnx(graphOf(spec, ids), feeds)
    expectRecorded(stored(spec, results, one), one, float32)
  })

  test('its weights come out under the same names, bit for bit', () => {
    const expected = tensorsOf(one)
    const sources = hubWeights(spec, (path) => parameters[path]!.data as Float32Array)
    expect(sources.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort())
    for (const { name, shape, read } of sources) expect({ shape, data: read() }, name).toEqual(expected[name])
  })

  test('its configuration reads back as the same net', () => {
    const family = familyOfNet(spec)
    const config = family.config(spec, spec.options.context as number)
    const again = familyOfConfig(config, '').describe(config, '')
    expect(again.context).toBe(spec.options.context)
    const { separator, ...options } = spec.options
    expect(separator).toBe(one.inputs.types && 2)
    expect(again.spec.options).toEqual(options)
  })
})

test('a net goes to the first family that has all it has', () => {
  const types = Object.fromEntries(hubCases.map((one) => [one.name, familyOfNet(specOf(one)).type]))
  expect(types).toMatchInlineSnapshot(`
    {
      "bert, classifier, padding and token types": "bert",
      "bert, masked language model": "bert",
      "bert, padding": "bert",
      "gpt2": "gpt2",
      "gpt2 untied": "gpt2",
      "llama": "llama",
      "llama, linear scaling, biases": "llama",
      "llama, llama3 scaling, tied": "llama",
      "mistral": "llama",
      "qwen2": "qwen2",
      "qwen3": "qwen3",
    }
  `)
})

test('a net of no family is refused with what each misses', () => {
  const sizes = { layers: 1, width: 8, heads: 2, vocabulary: 11, context: 6 }
  const gpt = (options: object): ModelSpec => ({ name: 'gpt', options: { ...sizes, ...options } })
  const reasons = (spec: ModelSpec): (string | null)[] => families.map((family) => family.refuses(spec))
  expect(reasons(gpt({}))).toMatchInlineSnapshot(`
    [
      null,
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "it is models.gpt",
    ]
  `)
  expect(reasons(gpt({ softcap: 30, wiring: { skip: 'reZero', norm: 'none' } }))).toMatchInlineSnapshot(`
    [
      "softcap is 30, expected nothing",
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "positions is "learned", expected "rotary"",
      "it is models.gpt",
    ]
  `)
  expect(
    reasons(gpt({ positions: 'rotary', feedForward: 'gated', bias: false, wiring: { norm: 'rms', branchScale: 0.5 } })),
  ).toMatchInlineSnapshot(`
    [
      "positions is "rotary", expected "learned"",
      "wiring.branchScale is 0.5, expected 1",
      "wiring.branchScale is 0.5, expected 1",
      "attentionBias is [], expected ["query","key","value"]",
      "wiring.branchScale is 0.5, expected 1",
      "it is models.gpt",
    ]
  `)
  expect(reasons({ name: 'bert', options: { ...sizes, outputs: 3, pool: 'mean' } })).toMatchInlineSnapshot(`
    [
      "it is models.bert",
      "it is models.bert",
      "it is models.bert",
      "it is models.bert",
      "it is models.bert",
      "pool is "mean", expected "first"",
    ]
  `)
  expect(() => familyOfNet(gpt({ softcap: 30 }))).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: this net is in no family of transformers. gpt2: softcap is 30, expected nothing; llama: positions is "learned", expected "rotary"; mistral: positions is "learned", expected "rotary"; qwen2: positions is "learned", expected "rotary"; qwen3: positions is "learned", expected "rotary"; bert: it is models.gpt. Export it as ONNX]`,
  )
})
