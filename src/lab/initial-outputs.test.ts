import { expect, test } from 'vitest'
import { feedForward } from '../nn/feed-forward.ts'
import { normal } from '../nn/init.ts'
import { wire } from '../nn/wiring/wire.ts'
import { mean } from '../ops/reduce.ts'
import { random } from '../random.ts'
import { square } from '../ops/composite.ts'
import { initialOutputs } from './initial-outputs.ts'
import { scan } from './scan.ts'

test('parameters are those that training starts from, in float64', () => {
  const { x } = initialOutputs((s) => ({ x: s.in('a').parameter('x', [3], { role: 'embed', init: normal(2) }) }), 7)
  expect([...x!.data]).toEqual([...normal(2).fill(random(7, 'a.x'), [3])])
  expect(x!.data).toBeInstanceOf(Float64Array)
})

test('what a net tapped can be asked for: the stream grows as the scan says', async () => {
  const blocks = Array.from({ length: 6 }, () => feedForward({ hidden: 32, activation: 'relu' }))
  const measured = Array.from({ length: 30 }, (_, seed) => {
    const { last } = initialOutputs((s, taps) => {
      wire(blocks, {})(s, s.parameter('x', [8, 32], { role: 'embed', init: normal(1) }))
      return { last: mean(square(taps.get('blocks.5.stream')!)) }
    }, seed)
    return last!.data[0]!
  })
  const { profile } = await scan({}, { blocks, input: [8, 32] }, { seeds: 30 })
  const average = measured.reduce((total, value) => total + value, 0) / 30
  expect(average / profile.stream.at(-1)!).toBeGreaterThan(0.9)
  expect(average / profile.stream.at(-1)!).toBeLessThan(1.1)
})

test('what only a training step has is missed', () => {
  expect(() => initialOutputs((s) => ({ y: s.noise('mask', [2], 'uniform') }), 0)).toThrowErrorMatchingInlineSnapshot(
    `[EngineError: evaluate: no value for input 'mask', float32[2]]`,
  )
})
