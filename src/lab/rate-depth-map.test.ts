import { expect, test } from 'vitest'
import { figureFile } from './figure.ts'
import { rateDepthMap } from './rate-depth-map.ts'
import { rateDepthFigure, rateDepthSummary, rateDepthTable } from './rate-depth-views.ts'
import type { RunOutcome, RunResult } from './statistics/run-result.ts'

const run = (arm: string, learningRate: number, seed: number, outcome: RunOutcome, loss = 1): RunResult => ({
  ...{ arm, learningRate, seed, outcome },
  metrics: outcome === 'diverged' ? {} : { loss },
})

const runs: readonly RunResult[] = [
  ...[0, 1].flatMap((seed) => [
    run('deep', 1e-3, seed, 'trained', 1.5 + seed),
    run('deep', 4e-3, seed, seed === 0 ? 'plateaued' : 'diverged'),
    run('shallow', 1e-3, seed, 'trained', 2),
    run('shallow', 4e-3, seed, 'trained', 1),
    run('shallow', 1.6e-2, seed, seed === 0 ? 'trained' : 'plateaued', 0.1),
  ]),
]
const options = { metric: 'loss', better: 'lower', depths: { deep: 48, shallow: 6 } } as const

test('cells are means over the runs that trained, with what failed counted', () => {
  const map = rateDepthMap(runs, options)
  expect(map.depths).toEqual([6, 48])
  expect(map.learningRates).toEqual([1e-3, 4e-3, 1.6e-2])
  expect(map.cells[1]).toEqual([
    { n: 2, trained: 2, plateaued: 0, diverged: 0, mean: 2 },
    { n: 2, trained: 0, plateaued: 1, diverged: 1, mean: null },
    null,
  ])
  expect(map.best).toEqual([4e-3, 1e-3])
  expect(map.shift).toBe(-2)
  expect(rateDepthSummary(map)).toBe(
    '3 of 10 runs did not train. From 6 to 48 blocks the best learning rate stays within one step of the grid: a grid of 3 rates, 2.0 octaves apart, resolves no less.',
  )
  expect(rateDepthSummary(map, 'zh')).toBe(
    '10 次运行中 3 次未能训练。从 6 块到 48 块，最佳学习率的变化在网格的一步之内；网格有 3 个学习率，相隔 2.0 个倍频程，分辨不出更小的变化。',
  )
})

test('a best rate that moves by more than one step of the grid moves by octaves, beside the step of the grid', () => {
  const better = [...runs, run('shallow', 3.2e-2, 0, 'trained', 0.01)]
  expect(rateDepthSummary(rateDepthMap(better, options))).toContain(
    'moves by -5.0 octaves, from 0.032 to 0.0010: a grid of 4 rates, 1.0-2.0 octaves apart, resolves no less.',
  )
  const single = runs.filter(({ learningRate }) => learningRate === 1e-3)
  expect(rateDepthSummary(rateDepthMap(single, options))).toBe('0 of 4 runs did not train.')
})

test('the table says in words what the figure says in colours', () => {
  const { head, rows } = rateDepthTable(rateDepthMap(runs, options))
  expect(head).toEqual(['depth', '0.0010', '0.0040', '0.016', 'best rate'])
  expect(rows).toEqual([
    ['6', '2.00', '1.00', '0.100 (1 of 2; 1 plateaued)', '0.0040'],
    ['48', '2.00', '× (0 of 2; 1 plateaued, 1 diverged)', '-', '0.0010'],
  ])
  expect(rateDepthTable(rateDepthMap(runs, options), 'zh').rows[1]![2]).toBe(
    '×（2 次中 0 次成功；1 次停在平台，1 次发散）',
  )
})

test('the figure is blank with a mark where nothing trained, and shows the failures beside', () => {
  const figure = rateDepthFigure(rateDepthMap(runs, options))
  const [metric, failed] = figure.panels
  expect(metric).toMatchObject({ cells: [[2, 1, 0.1], [2, NaN, NaN]] }) // prettier-ignore
  expect(failed).toMatchObject({ cells: [[0, 0, 0.5], [0, 1, NaN]] }) // prettier-ignore
  const svg = figureFile(figure)
  expect(svg).toContain('48 blocks: ')
  for (const tick of ['6 blocks', '48 blocks', '0.001', '0.004', '0.016']) expect(svg).toContain(`>${tick}</text>`)
})

test('a depth at which nothing trained has no best rate', () => {
  const map = rateDepthMap([run('deep', 1e-3, 0, 'diverged'), run('shallow', 1e-3, 0, 'trained')], options)
  expect(map).toMatchObject({ best: [1e-3, null], shift: null })
  expect(rateDepthSummary(map)).toBe('1 of 2 runs did not train. At 48 blocks none did.')
})

test('what cannot be placed is refused', () => {
  expect(() => rateDepthMap([], options)).toThrow('expected runs, got none')
  expect(() => rateDepthMap([run('other', 1, 0, 'trained')], options)).toThrow("the depth of arm 'other'")
  expect(() => rateDepthMap(runs, { ...options, metric: 'f1' })).toThrow("the metric 'f1' of arm 'shallow', got loss")
  const { learningRate: _, ...rateless } = run('deep', 1, 0, 'trained')
  expect(() => rateDepthMap([rateless], options)).toThrow('expected a learning rate > 0')
})
