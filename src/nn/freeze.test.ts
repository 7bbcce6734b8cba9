import { expect, test } from 'vitest'
import { type Layer, type Parameter, trace, trainedOf } from '../graph/scope.ts'
import { feedForward } from './feed-forward.ts'
import { freeze } from './freeze.ts'
import { linear } from './linear.ts'
import { layerNorm } from './norms/layer.ts'
import { sequential } from './sequential.ts'
import { wire } from './wiring/wire.ts'
import type { Wiring } from './wiring/wiring.ts'

const parametersOf = (net: Layer): Map<string, Parameter> => trace(net, 'float32', [2, 4]).parameters
const trained = (net: Layer): string[] => trainedOf({ parameters: parametersOf(net) }).map(({ path }) => path)

const net = sequential(linear(4), layerNorm(), linear(3))
const stack = (wiring: Wiring): Layer => wire([feedForward({ hidden: 6 }), feedForward({ hidden: 6 })], wiring)

test('what matches is frozen, all else is not', () => {
  expect(trained(freeze(net, ['0.**', '**.bias']))).toEqual(['1.gain', '2.weight'])
  expect(trained(freeze(net, ['**']))).toEqual([])
  expect([...parametersOf(freeze(net, ['**'])).keys()]).toEqual([...parametersOf(net).keys()])
})

test('patterns are for paths below the net', () => {
  const part: Layer = (s, x) => sequential(freeze(net, ['0.*']), linear(2))(s.in('deep'), x)
  expect(trained(part)).toEqual(
    ['1.gain', '1.bias', '2.weight', '2.bias'].map((name) => `deep.0.${name}`).concat(['deep.1.weight', 'deep.1.bias']),
  )
})

test('one freeze in another adds to it', () => {
  expect(trained(freeze(freeze(net, ['0.*']), ['1.*']))).toEqual(['2.weight', '2.bias'])
})

test('a layer may freeze its own', () => {
  const own: Layer = (s, x) => {
    s.parameter('still', [1], { role: 'gain', init: { name: 'ones', fill: () => Float32Array.of(1) }, frozen: true })
    return linear(2)(s, x)
  }
  expect(trained(own)).toEqual(['weight', 'bias'])
})

test('a wiring that has its own rule for parameters loses no freezing, and keeps its rule', () => {
  const frozen = freeze(stack({ norm: 'weight' }), ['blocks.0.**'])
  const all = parametersOf(frozen)
  expect([...all.keys()].filter((path) => all.get(path)!.frozen)).toEqual(
    [...all.keys()].filter((path) => path.startsWith('blocks.0.')),
  )
  expect(all.get('blocks.0.up.weight')!.transform).toBeDefined()
  expect(all.get('blocks.0.up.weightGain')!.frozen).toBe(true)
  expect(all.get('blocks.1.up.weightGain')!.frozen).toBeUndefined()
})

test('a reversible stack, which traces its branches again, freezes the same', () => {
  const reversible = freeze(stack({ skip: 'reversible', norm: 'layer', placement: 'pre' }), ['**.weight'])
  expect(trained(reversible).filter((path) => path.endsWith('weight'))).toEqual([])
  expect(trained(reversible)).toContain('blocks.1.down.bias')
})

test('a pattern that matches nothing, and no patterns', () => {
  expect(() => parametersOf(freeze(net, ['0.wieght']))).toThrow(
    "freeze: no parameter matches '0.wieght', did you mean '*.weight'?",
  )
  expect(() => freeze(net, [])).toThrow("freeze: expected patterns, got none; ['**'] freezes everything")
})
