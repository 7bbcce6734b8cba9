import { describe, expect, test } from 'vitest'
import { points, small } from '../../test/training.ts'
import { mlp } from '../models/mlp.ts'
import { accuracy } from '../train/metrics.ts'
import { inlineFigure, type Panel } from './figure.ts'
import { ledger } from './ledger.ts'
import { ledgerFigure, ledgerTable } from './ledger-views.ts'
import { lensFigure, lensTable, lesionFigure, lesionTable } from './probe-views.ts'
import { lesion, type Lesions } from './probes/lesion.ts'
import { type Lens, logitLens } from './probes/logit-lens.ts'

const lesions: Lesions = {
  intact: { loss: 0.5, accuracy: 0.9 },
  lesions: [
    { removed: ['blocks.0'], measured: { loss: 4.5, accuracy: 0.4 } },
    { removed: ['blocks.1', 'blocks.2'], measured: { loss: 0.75, accuracy: 0.85 } },
    { removed: ['blocks.2'], measured: { loss: 0.45, accuracy: 0.9 } },
  ],
}

const pointsOf = (panel: Panel, name: string) => panel.series.find((series) => series.name === name)!.points

describe('lesions', () => {
  test('a panel per quantity, over the intact net', () => {
    const figure = lesionFigure(lesions)
    const [loss, acc] = figure.panels as readonly [Panel, Panel]
    expect([loss.title, acc.title]).toEqual(['loss', 'accuracy'])
    expect(pointsOf(loss, 'without it')).toEqual([
      [0, 4.5],
      [1, 0.75],
      [2, 0.45],
    ])
    expect(pointsOf(acc, 'intact').map(([, value]) => value)).toEqual([0.9, 0.9, 0.9])
    expect(figure.summary).toBe(
      'Without blocks.0 the loss changes most: 4.50 instead of 0.500. The median change of the loss is 0.25.',
    )
    expect(inlineFigure(figure).text).toContain('>Without blocks.0 the loss')
  })

  test('a table of parts with their changes, in Chinese too', () => {
    expect(lesionTable(lesions).rows).toEqual([
      ['(intact)', '0.5000', '-', '0.9000', '-'],
      ['blocks.0', '4.500', '+4.00', '0.4000', '-0.500'],
      ['blocks.1 + blocks.2', '0.7500', '+0.250', '0.8500', '-0.0500'],
      ['blocks.2', '0.4500', '-0.0500', '0.9000', '0'],
    ])
    expect(lesionTable(lesions, 'zh').head).toEqual([
      '去掉的部分',
      'loss',
      'loss 的变化',
      'accuracy',
      'accuracy 的变化',
    ])
    expect(lesionFigure(lesions, 'zh').summary).toBe(
      '去掉 blocks.0 后 loss 变化最大：4.50，完整时为 0.500。loss 变化的中位数为 0.25。',
    )
  })

  test('a net that breaks without a part is the worst', () => {
    const [first, ...rest] = lesions.lesions
    const broken = {
      ...lesions,
      lesions: [first!, ...rest, { removed: ['blocks.9'], measured: { loss: NaN, accuracy: 0 } }],
    }
    expect(lesionFigure(broken).summary).toMatch(/^Without blocks\.9 the loss changes most: NaN instead of 0\.500\./)
    expect(inlineFigure(lesionFigure(broken)).text).toContain('×: not a number')
  })

  test('none is refused', () => {
    expect(() => lesionFigure({ intact: { loss: 1 }, lesions: [] })).toThrow('expected at least one lesion, got none')
  })
})

const lens = (path: string, loss: number, agreement: number | null): Lens => ({
  path,
  loss,
  divergence: agreement === null ? null : loss - 1,
  agreement,
})

describe('logit lens', () => {
  const read = [
    lens('input', 3, 0.1),
    lens('blocks.0.stream', 2, 0.95),
    lens('blocks.1.stream', 1.5, 0.85),
    lens('blocks.2.stream', 1, 1),
  ]

  test('loss, divergence and agreement by depth, and where nine of ten agree for good', () => {
    const figure = lensFigure(read)
    expect(figure.panels.map(({ title }) => title)).toEqual([
      'loss',
      'KL to the end, nats',
      'same first choice as the end',
    ])
    expect((figure.panels[1] as Panel).series[0]!.points).toEqual([
      [0, 2],
      [1, 1],
      [2, 0.5],
      [3, 0],
    ])
    expect(figure.summary).toBe(
      'Read at input the loss is 3.00, at the end 1.00. From blocks.2.stream on, nine of ten first choices are those of the end.',
    )
    expect(lensTable(read).rows[1]).toEqual(['blocks.0.stream', '2.000', '1.000', '0.9500'])
    expect(lensFigure(read, 'zh').summary).toContain('从 blocks.2.stream 起，')
  })

  test('of a regression the loss alone', () => {
    const plain = [lens('input', 3, null), lens('blocks.0.stream', 1, null)]
    expect(lensFigure(plain).panels).toHaveLength(1)
    expect(lensFigure(plain).summary).toBe('Read at input the loss is 3.00, at the end 1.00.')
    expect(lensTable(plain).rows[0]).toEqual(['input', '3.000', '-', '-'])
    expect(() => lensFigure([])).toThrow('expected at least one depth, got none')
  })
})

describe('ledger', () => {
  const entry = (path: string, share: number) => ({
    ...{ path, written: 1, stream: 2, cosine: 0, cancelled: 0.25, kept: 1, share },
  })
  const stage = {
    entering: { path: 'input', stream: 1, kept: 1, share: 0.25 },
    entries: [entry('blocks.0', 0.5), entry('blocks.1', 0.25)],
    law: { name: 'linear', a: 1, b: 0.98, exponent: 0.7 },
  } as const

  test('names the growth law and the largest writer', () => {
    expect(ledgerFigure({ stages: [stage] }).summary).toBe(
      'E[x²] grows linearly over the sublayers: 1.00 + 0.980 l. The largest share of the end is written by blocks.0 (50.0%); what entered is 25.0% of it.',
    )
    const small = { ...stage, law: null }
    expect(ledgerFigure({ stages: [small, small] }, 'zh').summary).toBe(
      '同一形状的子层太少，无法拟合增长规律。末端中份额最大的由 blocks.0 写入（50.0%）；进入者占 25.0%。',
    )
    const laws = (['flat', 'logarithmic', 'exponential'] as const).map(
      (name) => ledgerFigure({ stages: [{ ...stage, law: { ...stage.law, name } }] }).summary.split(/[.] (?=The)/)[0],
    )
    expect(laws).toEqual([
      'E[x²] stays flat over the sublayers: 1.00',
      'E[x²] grows logarithmically over the sublayers: 1.00 + 0.980 ln(1 + l)',
      'E[x²] grows exponentially over the sublayers: 1.00 · 0.980^l',
    ])
  })

  test('draws all stages in a row and lists what enters each', () => {
    const figure = ledgerFigure({ stages: [stage, stage] })
    expect(pointsOf(figure.panels[0] as Panel, 'written')).toHaveLength(4)
    expect(ledgerTable({ stages: [stage, stage] }).rows.map(([path]) => path)).toEqual([
      ...['input (enters)', 'blocks.0', 'blocks.1', 'input (enters)', 'blocks.0', 'blocks.1'],
    ])
    expect(ledgerTable({ stages: [stage] }).rows[1]).toEqual([
      'blocks.0',
      '1.00',
      '2.00',
      '0',
      '0.250',
      '1.00',
      '0.500',
    ])
  })
})

test('what the probes measure of a model can be shown', async () => {
  const model = await small(mlp({ depth: 5, width: 8, outputs: 3, wiring: {} }), { metrics: { accuracy } })
  await model.fit({ steps: 20, progress: false })
  const figures = [
    lesionFigure(await lesion(model, points)),
    lensFigure(await logitLens(model, points)),
    ledgerFigure(await ledger(model, points)),
  ]
  const counts = figures.map(({ panels }) => (panels as Panel[]).map(({ series }) => series.at(-1)!.points.length))
  expect(counts).toEqual([
    [5, 5],
    [6, 6, 6],
    [5, 5],
  ])
  for (const figure of figures) expect(inlineFigure(figure).text).not.toContain('not a number')
})
