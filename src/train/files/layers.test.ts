import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collect, fresh, leaveAt, small, smallNet } from '../../../test/training.ts'
import type { Model } from '../model.ts'
import { columnOf, layerSeries, openLayers, readFrames, readLayers } from './layers.ts'

test('a statistic that a site does not have is NaN in the file, and so is what was never recorded', () => {
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  const writer = openLayers(folder, { sites: ['input', 'w'], stats: ['rms', 'updateRatio'], every: 2 })
  writer.write(0, [0.5, undefined, undefined, 0.25])
  writer.write(2, [1, NaN, NaN, 2])
  writer.close()
  const layers = readLayers(folder)
  expect([...layers.values]).toEqual([0.5, 1, NaN, NaN, NaN, NaN, 0.25, 2])
  expect([...layerSeries(layers, 'input', 'rms')]).toEqual([0.5, 1])
  expect([...layerSeries(layers, 'w', 'updateRatio')]).toEqual([0.25, 2])
  expect([...layerSeries(layers, 'w', 'rms')]).toEqual([NaN, NaN])
  expect([...layerSeries(layers, 'input', 'kurtosis')]).toEqual([NaN, NaN])
  expect([...layerSeries(layers, 'head', 'rms')]).toEqual([NaN, NaN])
})

test('a long run reads back by series and by frame', () => {
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  const writer = openLayers(folder, { sites: ['a', 'b'], stats: ['rms', 'kurtosis'], every: 1 })
  const steps = Array.from({ length: 150 }, (_, i) => i + 1)
  for (const step of steps) writer.write(step, [step, -step, step / 2, step / 4])
  writer.close()
  const [layers, { frames }] = [readLayers(folder), readFrames(folder)]
  expect(layers.steps).toEqual(steps)
  expect([...layerSeries(layers, 'a', 'kurtosis')]).toEqual(steps.map((step) => -step))
  expect([...layerSeries(layers, 'b', 'rms')]).toEqual(steps.map((step) => step / 2))
  expect(frames[149 * 5 + columnOf(layers, 'b', 'kurtosis')]).toBe(37.5)
  expect(columnOf(layers, 'b', 'updateRatio')).toBe(-1)
})

test('a run keeps every probe that its model was compiled with, and goes on with them', async () => {
  const run = fresh()
  const options = { steps: 4, batchSize: 20, probeEvery: 2, checkpointEvery: 1, run }
  const compiled = (): Promise<Model> =>
    small((s, x) => s.tap('end', smallNet()(s, x)), { probes: ['updateRatio', 'rms'] })
  await leaveAt(2, (await compiled()).train(options))
  const events = await collect((await compiled()).train({ ...options, resume: true }))
  const last = events.findLast((event) => event.type === 'step')
  const layers = readLayers(run)
  expect(layers.steps).toEqual([1, 2, 4])
  expect(layers.stats).toEqual(['updateRatio', 'rms'])
  expect(layers.sites).toEqual(['0.weight', '2.weight', 'end'])
  expect(layerSeries(layers, 'end', 'rms')[2]).toBe(last!.probes!.end!.rms)
  expect(layerSeries(layers, '2.weight', 'updateRatio')[2]).toBe(last!.probes!['2.weight']!.updateRatio)
  expect([...layerSeries(layers, 'end', 'updateRatio')]).toEqual([NaN, NaN, NaN])
})
