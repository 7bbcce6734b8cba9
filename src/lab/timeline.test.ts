import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { collect, fresh, small } from '../../test/training.ts'
import { mlp } from '../models/mlp.ts'
import { sgd } from '../optim/sgd.ts'
import { random } from '../random.ts'
import { openEvents } from '../train/files/events.ts'
import { openLayers } from '../train/files/layers.ts'
import { openScalars } from '../train/files/scalars.ts'
import type { ProbeSeries } from './departure.ts'
import { figureTables } from './document.ts'
import { inlineFigure, type Panel } from './figure.ts'
import { readSeries, type RecordedSeries, timeline } from './timeline.ts'
import { timelineFigure, timelineSentence, timelineTable } from './timeline-views.ts'

const frames = 60
const every = 10
const diverged = { type: 'diverged', step: 600 } as const

/** Healthy noise by factors, from frame `from` on times `factor` per frame. */
function series(site: string, stat: string, from = Infinity, factor = 3): ProbeSeries {
  const { normal } = random(5, `${site} ${stat}`)
  const value = (i: number): number => Math.exp(0.1 * normal()) * (i < from ? 1 : factor ** (i - from + 1))
  return { site, stat, points: Array.from({ length: frames }, (_, i) => [every * i, value(i)] as const) }
}

const recordedOf = (...all: readonly ProbeSeries[]): RecordedSeries => ({ series: all, outbreak: diverged })

const calm = ['blocks.0', 'blocks.1', 'blocks.2'].flatMap((site) => [series(site, 'rms'), series(site, 'gradientNorm')])

const early = series('blocks.3.stream', 'gradientNorm', 50)
const later = [series('blocks.7.stream', 'rms', 53), series('', 'loss', 56)]

describe('simulated series', () => {
  const found = timeline(recordedOf(...later, ...calm, early))

  test('the one that was made to leave first is named, with its layer and step, the others in order', () => {
    expect(found.departures.map(({ site, stat }) => `${stat} ${site}`)).toEqual([
      'gradientNorm blocks.3.stream',
      'rms blocks.7.stream',
      'loss ',
    ])
    const steps = found.departures.map(({ step }) => step / every)
    for (const [i, from] of [50, 53, 56].entries()) {
      expect(steps[i]).toBeGreaterThanOrEqual(from)
      expect(steps[i]).toBeLessThanOrEqual(from + 2)
    }
    expect(found).toMatchObject({ watched: 9, banded: 9, outbreak: diverged })
  })

  test('is said in English and Chinese', () => {
    const { step, value, band } = found.departures[0]!
    expect(step).toBeGreaterThan(490)
    const [v, low, high] = [value, band!.low, band!.high].map((x) => x.toPrecision(3))
    const { en, zh } = timelineSentence(found)
    expect(en).toBe(
      `${600 - step} steps before the divergence at step 600, at step ${step}, gradientNorm of blocks.3.stream was the first of the probes to leave its band (${v}, usual ${low} to ${high}). Then: rms of blocks.7.stream at step ${found.departures[1]!.step}, loss at step ${found.departures[2]!.step}.`,
    )
    expect(zh).toBe(
      `在第 600 步发散之前 ${600 - step} 步（第 ${step} 步），blocks.3.stream 的 gradientNorm 是最先离开其区间的探针（${v}，通常为 ${low} 至 ${high}）。随后：blocks.7.stream 的 rms（第 ${found.departures[1]!.step} 步）、loss（第 ${found.departures[2]!.step} 步）。`,
    )
  })

  test('none leaves', () => {
    const none = timeline(recordedOf(...calm))
    expect(none.departures).toEqual([])
    expect(timelineSentence(none)).toEqual({
      en: 'None of 6 probes left its band before the divergence at step 600.',
      zh: '6 个探针都没有离开其区间（在第 600 步发散之前）。',
    })
    const healthy = timeline({ series: calm, outbreak: null })
    expect(timelineSentence(healthy).en).toBe(
      'None of 6 probes left its band; the run neither diverged nor stood still.',
    )
    expect(timelineSentence(timeline({ series: [early], outbreak: null })).en).toMatch(
      /^The run neither diverged nor stood still; gradientNorm of blocks\.3\.stream left its band at step 5\d0 /,
    )
  })

  test('a value that is not a number comes first at its step', () => {
    const bad = { ...calm[2]!, points: calm[2]!.points.map(([x, y], i) => [x, i < 52 ? y : NaN] as const) }
    const same = timeline(recordedOf(series('blocks.9', 'rms', 52, 1e6), bad))
    expect(same.departures.map(({ site, step }) => [site, step])).toEqual([
      ['blocks.1', 520],
      ['blocks.9', 520],
    ])
    expect(timelineSentence(same).en).toContain(
      'rms of blocks.1 was the first of the probes to leave its band (NaN, usual ',
    )
  })

  test('what comes after the outbreak does not count', () => {
    const plateau = { series: [early], outbreak: { type: 'plateau', step: 500 } } as const
    expect(timeline(plateau).departures).toEqual([])
    expect(timelineSentence(timeline(plateau)).en).toContain(
      'None of 1 probes left its band before the loss stood still at step 500',
    )
  })

  test('too few values for a band are said', () => {
    const short = timeline({ series: [early], outbreak: { type: 'diverged', step: 80 } })
    expect(short.banded).toBe(0)
    expect(timelineSentence(short)).toEqual({
      en: 'Too few values were recorded before the divergence at step 80 to say what was usual; probe more often.',
      zh: '在第 80 步发散之前记录的值太少，无法判断什么是通常的；请更频繁地探测。',
    })
  })

  test('one step of a hundred layers is one probe in the sentence, all are in the table', () => {
    const layers = Array.from({ length: 100 }, (_, i) => series(`blocks.${i}.stream`, 'rms', 50))
    const many = timeline(recordedOf(...layers, later[1]!))
    expect(many.departures).toHaveLength(101)
    expect(timelineSentence(many).en).toMatch(/Then: loss at step 5\d0, 99 more\.$/)
    expect(timelineTable(many).rows).toHaveLength(101)
  })
})

test('healthy runs of 100 series: a stray one at most', () => {
  const alarms = Array.from({ length: 10 }, (_, run) => {
    const all = Array.from({ length: 100 }, (__, i) => series(`${run} ${i}`, 'rms'))
    return timeline({ series: all, outbreak: null }).departures.length
  })
  expect(alarms.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1)
})

describe('figure and table', () => {
  const recorded = recordedOf(...calm, early, ...later)
  const found = timeline(recorded)
  const figure = timelineFigure(recorded, found)

  test('one panel for each of the first probes, with its band and the moments', () => {
    const panels = figure.panels as readonly Panel[]
    expect(panels.map(({ title }) => title)).toEqual([
      'gradientNorm of blocks.3.stream',
      'rms of blocks.7.stream',
      'loss',
    ])
    const [{ moments, series: lines, y }] = panels as readonly [Panel]
    expect(y.scale).toBe('log')
    expect(moments).toEqual([
      { x: found.departures[0]!.step, text: 'left its band' },
      { x: 600, text: 'diverged' },
    ])
    expect(lines.map(({ name, ghost }) => [name, ghost])).toEqual([
      ['band, low', true],
      ['band, high', true],
      ['measured', undefined],
    ])
    const svg = inlineFigure(figure).text
    expect(svg.match(/class="ghost ink"/g)).toHaveLength(6)
    expect(svg).toContain('>left its band<')
    const [table] = figureTables(figure)
    expect(table!.caption).toMatch(/: gradientNorm; left its band at 5\d0; diverged at 600$/)
    expect(table!.head).toEqual(['step', 'band, low', 'band, high', 'measured'])
  })

  test('the loss where none left', () => {
    const none = { series: [...calm, series('', 'loss')], outbreak: null }
    expect((timelineFigure(none, timeline(none), 'zh').panels as Panel[]).map(({ title }) => title)).toEqual(['loss'])
  })

  test('the table names step, probe, place, value and band', () => {
    const { head, rows } = timelineTable(found, 'en')
    expect(head).toHaveLength(6)
    expect(rows[0]!.slice(0, 3)).toEqual([String(found.departures[0]!.step), 'gradientNorm', 'blocks.3.stream'])
    expect(rows[2]!.slice(1, 3)).toEqual(['loss', '-'])
    expect(rows[0]![4]).toMatch(/^0\.\d+ \.\. \d/)
  })
})

describe('run folders', () => {
  test('a training that diverges: read back, and something left before', async () => {
    const net = mlp({ depth: 6, width: 16, outputs: 3, wiring: { norm: 'none', branchScale: { exponent: 0.5 } } })
    const growing = { name: 'growing', warmupSteps: 0, at: (step: number) => 0.001 * 1.05 ** step }
    const model = await small(net, { optimizer: sgd({ learningRate: growing, momentum: 0.9 }), probes: 'all' })
    const run = fresh()
    const events = await collect(model.train({ steps: 400, batchSize: 20, run, probeEvery: 1 }))
    const { step } = events.find(({ type }) => type === 'diverged')!
    const recorded = readSeries(run)
    expect(recorded.outbreak).toEqual({ type: 'diverged', step })
    expect(recorded.series.find(({ stat }) => stat === 'loss')!.points).toHaveLength(step - 1)
    const { departures } = timeline(recorded)
    expect(departures.length).toBeGreaterThan(0)
    expect(departures[0]!.step).toBeLessThan(step)
    for (const { points } of recorded.series) expect(points.some(([, value]) => !Number.isNaN(value))).toBe(true)
  })

  /** A run whose loss falls until step 99 and then stands at the level; the loop saw it 100 steps later. */
  function stuck(events: readonly { step: number; type: string; level?: number }[]): string {
    const run = fresh()
    mkdirSync(run, { recursive: true })
    const scalars = openScalars(run, ['learningRate', 'loss'])
    for (let step = 1; step <= 200; step++) scalars.write(step, step, [1, step < 100 ? 0.2 : 1])
    scalars.close()
    const layers = openLayers(run, { sites: ['input', 'w'], stats: ['rms', 'updateRatio'], every: 50 })
    for (let step = 50; step <= 200; step += 50) layers.write(step, [1, NaN, NaN, 2])
    layers.close()
    const log = openEvents(run)
    events.forEach((event) => log.write(event))
    log.close()
    return run
  }

  test('a plateau counts from where the loss stood still, not from where the loop was sure', () => {
    const { outbreak, series: found } = readSeries(stuck([{ step: 200, type: 'plateau', level: 1 }]))
    expect(outbreak!.type).toBe('plateau')
    expect(outbreak!.step).toBeGreaterThan(120) // the loss is smoothed, then 20 steps
    expect(outbreak!.step).toBeLessThan(160)
    expect(found.map(({ site, stat }) => `${stat} ${site}`)).toEqual(['rms input', 'updateRatio w', 'loss '])
    expect(found[2]!.points).toEqual([
      [50, 0.2],
      [100, 1],
      [150, 1],
      [200, 1],
    ])
  })

  test('a divergence is what counts of both, and a run without either has none', () => {
    const both = [
      { step: 150, type: 'plateau', level: 1 },
      { step: 190, type: 'diverged' },
    ]
    expect(readSeries(stuck(both)).outbreak).toEqual({ type: 'diverged', step: 190 })
    expect(readSeries(stuck([{ step: 200, type: 'end' }])).outbreak).toBeNull()
  })
})
