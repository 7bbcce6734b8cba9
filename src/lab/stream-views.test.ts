import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fresh } from '../../test/training.ts'
import { openLayers } from '../train/files/layers.ts'
import { profileAt, profileFigure } from './depth-profile.ts'
import { inlineFigure, type Panel } from './figure.ts'
import type { HeatPanel } from './heatmap.ts'
import { streamHeatmap } from './stream-heatmap.ts'
import { readStream } from './stream-record.ts'

const sites = [
  'embed.weight',
  'input',
  'blocks.0.attention.branch',
  'blocks.0.attention.stream',
  'blocks.0.mlp.branch',
  'blocks.0.mlp.stream',
  'output',
]

/** A run that recorded frames of one row of numbers per site. */
function recorded(stats: readonly string[], frames: readonly (readonly [number, readonly number[][]])[]): string {
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  const layers = openLayers(folder, { sites, stats, every: 5 })
  for (const [step, rows] of frames) layers.write(step, rows.flat())
  layers.close()
  return folder
}

const x = NaN
const run = recorded(
  ['rms', 'gradientNorm'],
  [
    [
      1,
      [
        [9, 9],
        [1, 8],
        [0.5, x],
        [2, 4],
        [0.25, x],
        [4, 2],
        [9, 9],
      ],
    ],
    [
      5,
      [
        [9, 9],
        [1, 16],
        [0.5, x],
        [3, 4],
        [0.75, x],
        [Infinity, x],
        [9, 9],
      ],
    ],
  ],
)

test('the stream is found among other sites, by depth', () => {
  const stream = readStream(run)
  expect(stream.paths).toEqual(['input', 'blocks.0.attention.stream', 'blocks.0.mlp.stream'])
  expect(stream.steps).toEqual([1, 5])
  expect(stream.values('rms')).toEqual([
    [1, 1],
    [2, 3],
    [4, Infinity],
  ])
  expect(stream.values('rms', 'branch')).toEqual([
    [x, x],
    [0.5, 0.5],
    [0.25, 0.75],
  ])
})

test('a run without probes is refused', () => {
  const empty = fresh()
  mkdirSync(empty)
  expect(() => readStream(empty)).toThrow(/expected a recorded stream, got none\. Train a wired net with probes/)
})

describe('heatmap of a run', () => {
  test('depth by step, with the first bad value in its sentence, in both languages', () => {
    const figure = streamHeatmap(readStream(run), { stat: 'rms' })
    expect(figure.panels[0] as HeatPanel).toMatchObject({
      columns: [1, 5],
      cells: [
        [1, 1],
        [2, 3],
        [4, Infinity],
      ],
    })
    expect(figure.summary).toBe(
      'Over depth between 1.00 and 4.00 at step 1, between 1.00 and 3.00 at step 5. The first value that is not finite: blocks.0.mlp.stream at step 5.',
    )
    expect(streamHeatmap(readStream(run), { stat: 'rms', language: 'zh' }).summary).toBe(
      '沿深度：第 1 步介于 1.00 与 4.00 之间，第 5 步介于 1.00 与 3.00 之间。第一个非有限值：第 5 步的 blocks.0.mlp.stream。',
    )
    expect(inlineFigure(figure).text).toContain('blocks.0.mlp.stream: Infinity at 5')
  })

  test('of branches, whose rows begin with the first sublayer', () => {
    const [panel] = streamHeatmap(readStream(run), { stat: 'rms', of: 'branch' }).panels as [HeatPanel]
    expect(panel).toMatchObject({
      firstRow: 1,
      cells: [
        [0.5, 0.5],
        [0.25, 0.75],
      ],
    })
    expect(panel.rows).toHaveLength(2)
  })

  test('what was not recorded is refused', () => {
    expect(() => streamHeatmap(readStream(run), { stat: 'kurtosis' })).toThrow(
      "streamHeatmap: the run recorded no 'kurtosis' of its stream; train with that probe",
    )
  })
})

describe('profile of a run', () => {
  test('is read at a step', () => {
    expect(profileAt(readStream(run), 'a', 'first')).toEqual({
      name: 'a',
      step: 1,
      gradient: [8, 4, 2],
      branch: [x, 0.5, 0.25],
      stream: [1, 2, 4],
    })
    expect(profileAt(readStream(run), 'a').step).toBe(5)
    expect(profileAt(readStream(run), 'a', 5).step).toBe(5)
    expect(() => profileAt(readStream(run), 'a', 3)).toThrow('expected a probed step, one of 1, 5 ... 5, got 3')
  })

  const stream = readStream(run)
  const figure = profileFigure(profileAt(stream, 'now', 'last'), profileAt(stream, 'now', 'first'))

  test('has the baseline thin and dashed behind, in gradient, branches and stream', () => {
    expect(figure.panels.map(({ title }) => title)).toEqual(['gradient', 'branches', 'stream'])
    for (const { series, x: axis, y } of figure.panels as Panel[]) {
      expect(series.map(({ name, dash, ghost }) => [name, dash, ghost])).toEqual([
        ['now, step 1', 'dashed', true],
        ['now, step 5', 'solid', undefined],
      ])
      expect([axis.scale, y.scale]).toEqual(['linear', 'log'])
    }
    const svg = inlineFigure(figure).text
    expect(svg.indexOf('class="ghost grey" d="M64')).toBeLessThan(svg.indexOf('class="line blue" d="M64'))
    expect((figure.panels[1] as Panel).series[0]!.points).toEqual([
      [1, 0.5],
      [2, 0.25],
    ])
  })

  test('says the ratio of gradients and the growth of the stream', () => {
    expect(figure.summary).toBe(
      'now, step 5: the gradient at the input is xNaN of that at the end, the stream grows xInfinity. now, step 1: the gradient at the input is x4.00 of that at the end, the stream grows x4.00.',
    )
  })

  test('leaves out what one of the two did not record', () => {
    const only = readStream(recorded(['rms'], [[1, [[9], [1], [2], [3], [4], [5], [9]]]]))
    const half = profileFigure(profileAt(only, 'b'), profileAt(stream, 'a', 'first'), 'zh')
    expect(half.panels.map((panel) => (panel as Panel).series.length)).toEqual([1, 2, 2])
    expect(half.summary).toBe(
      'b，第 1 步：残差流增长到 5.00 倍。a，第 1 步：输入处的梯度是末端的 4.00 倍，残差流增长到 4.00 倍。',
    )
    const none = readStream(recorded(['kurtosis'], [[1, [[9], [1], [2], [3], [4], [5], [9]]]]))
    expect(() => profileFigure(profileAt(none, 'b'))).toThrow("b recorded neither 'rms' nor 'gradientNorm'")
  })
})
