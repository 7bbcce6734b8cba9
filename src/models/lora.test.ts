import { expect, test } from 'vitest'
import { trace } from '../graph/scope.ts'
import { freeze } from './freeze.ts'
import { lora } from './lora.ts'
import { mlp } from './mlp.ts'
import { specOf, type SpecifiedNet } from './spec.ts'
import { modelOf } from './table.ts'
import { transformer } from './transformer.ts'

const base = mlp({ depth: 2, width: 4, outputs: 3, wiring: { norm: 'rms', placement: 'pre' } })
const crossed = transformer({
  ...{ kind: 'encoderDecoder', depth: 1, source: 2, width: 8, heads: 2, vocabulary: 5, context: 6 },
})

const parametersOf = (net: SpecifiedNet, tokens: boolean): unknown => {
  const { parameters } = tokens ? trace(net, 'int32', [2, 6]) : trace(net, 'float32', [2, 6])
  return Array.from(parameters.values(), ({ path, value, init, frozen }) => [path, value.shape, init.name, frozen])
}

test.each<[string, SpecifiedNet, boolean]>([
  ['adapters', lora(base, { targets: ['**.up'], rank: 3 }), false],
  ['all options', lora(base, { targets: 'all', rank: 3, alpha: 1.5, dropout: 0.1, trained: ['head.*'] }), false],
  ['two stacks', lora(crossed), true],
  ['frozen', freeze(base, ['blocks.**']), false],
  ['adapters, one frozen', freeze(lora(base, { targets: ['**.up'] }), ['blocks.0.up.lora.A']), false],
])('%s: the specification makes the same net', (_, net, tokens) => {
  const again = modelOf(JSON.parse(JSON.stringify(specOf(net))) as SpecifiedNet['spec'])
  expect(specOf(again)).toEqual(specOf(net))
  expect(parametersOf(again, tokens)).toEqual(parametersOf(net, tokens))
})

test('queries and values of all attentions are adapted', () => {
  const paths = [...trace(lora(crossed), 'int32', [2, 6]).parameters.keys()].filter((path) => path.endsWith('lora.A'))
  expect(paths).toEqual(
    ['encoder.blocks.0.attention', 'decoder.blocks.0.attention', 'decoder.blocks.0.crossAttention'].flatMap((path) => [
      `${path}.query.lora.A`,
      `${path}.value.lora.A`,
    ]),
  )
})
