import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Block } from './document.ts'
import { type Figure, hasLines } from './figure.ts'
import { htmlReport } from './html.ts'
import { runReport } from './run-report.ts'
import { config, testFolder, writeRun } from './run-report.test-kit.ts'
import { readStoredRun } from './run-report-data.ts'

const root = testFolder()
const probes = [1, 2].map((step) => ({
  step,
  values: [
    [1, 4],
    [2, 2],
    [4 * step, 1],
  ] as const,
}))
const run = readStoredRun(
  writeRun(join(root, 'whole'), {
    probes,
    events: [
      { step: 1, type: 'evaluation', loss: 1.25, metrics: { right: 0.4, perplexity: 3.5 }, best: true },
      { step: 2, type: 'checkpoint', folder: 'x' },
      { step: 2, type: 'plateau', level: 1.1 },
      { step: 3, type: 'evaluation', loss: 0.75, metrics: { right: 0.6, perplexity: 2.1 }, best: true },
      { step: 4, type: 'diverged', path: 'value of blocks.1.weight', message: 'step 4: broken' },
    ],
    summary: {
      state: 'diverged',
      step: 3,
      trainLoss: 0.5,
      plateau: 2,
      diverged: 4,
      loss: 0.75,
      right: 0.6,
      parameters: 100,
    },
    state: 'diverged',
  }),
)

const figures = (blocks: readonly Block[]): Figure[] =>
  blocks.flatMap((block) => (block.type === 'figure' ? [block.figure] : []))
const tables = (blocks: readonly Block[]): Map<string, readonly (readonly string[])[]> =>
  new Map(blocks.flatMap((block) => (block.type === 'table' ? [[block.table.caption, block.table.rows]] : [])))

test('the lead says how it ended, with the first bad step and tensor', () => {
  const { title, lead } = runReport(run, null, 'en')
  expect(title).toBe('whole: mlp on spiral[0.75]')
  expect(lead).toBe(
    'Diverged after 3 steps: trainLoss 0.5000, loss 0.7500, right 0.6000. Step 4 was not finite; the first tensor where that shows is the value of blocks.1.weight. At step 2 the loss had long stood at the level of class frequencies: the net did not look at its input.',
  )
})

test('curves of loss, metrics and learning rate, with what happened; profile and heatmap over depth', () => {
  const drawn = figures(runReport(run, null, 'en').blocks)
  expect(drawn.map(({ name, panels }) => [name, panels.map(({ title }) => title)])).toEqual([
    ['run_loss_step', ['loss']],
    ['run_metrics_step', ['right', 'perplexity']],
    ['run_updates_step', ['learningRate']],
    ['run_stream_rms_depth_step', ['rms', 'stream: rms']],
    ['run_stream_gradientNorm_depth_step', ['gradientNorm', 'stream: gradientNorm']],
  ])
  const [loss] = drawn[0]!.panels.filter(hasLines)
  expect(loss!.series.map(({ points }) => points)).toEqual([
    [
      [1, 1.5],
      [2, 1],
      [3, 0.5],
      [4, NaN],
    ],
    [
      [1, 1.25],
      [3, 0.75],
    ],
  ])
  expect(loss!.moments).toEqual([
    { x: 2, text: 'plateau' },
    { x: 4, text: 'not finite' },
  ])
  expect(drawn[0]!.summary).toBe('loss (evaluation) goes from 1.25 to 0.750.')
  const [profile, heat] = drawn[3]!.panels
  expect(hasLines(profile!) && profile.series.map(({ name, ghost, points }) => [name, ghost, points])).toEqual([
    [
      'step 1',
      true,
      [
        [0, 1],
        [1, 2],
        [2, 4],
      ],
    ],
    [
      'step 2',
      undefined,
      [
        [0, 1],
        [1, 2],
        [2, 8],
      ],
    ],
  ])
  expect(heat).toMatchObject({
    columns: [1, 2],
    rows: ['input', 'blocks.0.stream', 'blocks.1.stream'],
    cells: [
      [1, 1],
      [2, 2],
      [4, 8],
    ],
  })
})

test('a run of one step has one step, and its curves no course', () => {
  const path = writeRun(join(root, 'short'), { losses: [2.5], state: 'diverged', summary: { step: 1, trainLoss: 2.5 } })
  const short = readStoredRun(path)
  const [english, chinese] = [runReport(short, null, 'en'), runReport(short, null, 'zh')]
  expect(english.lead).toMatch(/^Diverged after 1 step: /)
  expect(figures(english.blocks)[0]!.summary).toBe('loss (training batch) was recorded once: 2.50 at step 1.')
  expect(figures(chinese.blocks)[0]!.summary).toBe('loss（训练批次）只记录了一次：第 1 步为 2.50。')
})

test('a run that diverged says which probe broke first, or that too little was recorded', () => {
  const { blocks } = runReport(run, null, 'en')
  const at = blocks.findIndex((block) => block.type === 'heading' && block.text === 'What broke first')
  expect(blocks[at + 1]).toMatchObject({
    type: 'text',
    text: expect.stringMatching(/step 4.*probe more often/) as string,
  })
  const healthy = { ...run, before: null }
  expect(JSON.stringify(runReport(healthy, null, 'en').blocks)).not.toContain('What broke first')
})

test('tables: figures, events without routine, the wiring by axis, all other settings, origin; the command at the end', () => {
  const { blocks } = runReport(run, 'residua train mlp --data x.csv', 'en')
  const found = tables(blocks)
  expect(found.get('What the run came to')).toContainEqual(['right', '0.6000', 'higher is better'])
  expect(found.get('What happened, but for checkpoints and evaluations')).toEqual([
    ['2', 'plateau', 'level 1.1'],
    ['4', 'diverged', 'step 4: broken'],
  ])
  expect(found.get('How the blocks are wired, with nothing left open')).toEqual([
    ['skip', 'identity', '-'],
    ['norm', 'layer', 'epsilon 0.00001'],
    ['placement', 'pre', '-'],
    ['branchScale', '-', 'exponent 0.5'],
  ])
  const settings = found.get('All settings')!
  expect(settings).toContainEqual(['optimizer.learningRate', 'constant(0.01)'])
  expect(settings.flat().join()).not.toContain('wiring')
  expect(found.get('Versions and times; times are UTC')).toContainEqual(['residua', '0.1.0'])
  expect(blocks.at(-1)).toEqual({ type: 'code', text: 'residua train mlp --data x.csv' })
})

test('a run of a net of its own, without probes, still going on, in Chinese', () => {
  const bare = readStoredRun(writeRun(join(root, 'bare'), { config: config({ model: null }), losses: [] }))
  const report = runReport(bare, null, 'zh')
  expect(report.title).toBe('bare：spiral[0.75] 上的 自定义网络')
  expect(report.lead).toBe('运行中，共 0 步。')
  expect(figures(report.blocks)).toEqual([])
  expect(report.blocks).toContainEqual({ type: 'text', text: '没有沿深度的测量；可用 residua train --probe-every。' })
  expect(report.blocks.at(-1)).toMatchObject({ type: 'text', text: expect.stringContaining('请重新执行') as string })
  expect(htmlReport(runReport(run, null, 'zh'), 'zh')).toMatch(/<html lang="zh">.*评估.*非有限值/s)
})
