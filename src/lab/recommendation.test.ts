import { describe, expect, test } from 'vitest'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { objections } from './objections.ts'
import { recommend, type RecommendOptions, type Recommendation, type Wanted } from './recommendation.ts'
import { expectationText, recommendationText, storedText } from './recommendation-text.ts'
import type { Scan } from './scan.ts'
import type { ShortTraining } from './short-training.ts'
import { stackOf } from './stack.ts'
import type { StoredRuns } from './stored-runs.ts'

const wanted = (blocks: number, wiring: Wiring, more: Partial<Wanted> = {}): Wanted => ({
  ...{ kind: 'mlp', blocks, width: 32, learningRate: 1e-3, warmupSteps: 0, wiring },
  ...more,
})

const recommendFor = (net: Wanted, options: RecommendOptions = {}): Promise<Recommendation> =>
  recommend(net, stackOf({ kind: 'mlp', depth: net.blocks, width: 32, tokens: 16 }), { seeds: 1, ...options })

const changes = ({ candidates }: Recommendation): string[] =>
  candidates.map(({ change, expected }) => `${change}: ${expected}`)

describe('known cases', { timeout: 120_000 }, () => {
  test('48 blocks post-norm without warm-up are advised against, with the reason and the cheapest cure', async () => {
    const net = wanted(48, { placement: 'post' })
    const found = await recommendFor(net)
    expect(found.asked.expected).toBe('fails')
    expect(changes(found)).toEqual([
      'branches times 1/sqrt(n): trains',
      'pre-norm: trains',
      'a warm-up: open',
      'DeepNorm: trains',
    ])
    const { en, zh } = recommendationText(found, net)
    expect(en).toMatch(/^Leave it: at 48 blocks it will not train: the skips alone pass x/)
    expect(en).toContain('is branches times 1/sqrt(n), {"placement":"post","branchScale":{"exponent":0.5}}')
    expect(zh).toMatch(/^请放弃原设置：48 个块时无法训练：仅经残差连接只有 x/)
    expect(found.warnings).toEqual([])
  })

  test.each<Wiring>([{}, { placement: 'post' }, { norm: 'none' }, { skip: 'none', norm: 'none' }, { skip: 'highway' }])(
    'at 2 blocks %j hardly matters',
    async (wiring) => {
      const found = await recommendFor(wanted(2, wiring))
      expect(found).toMatchObject({ shallow: true, candidates: [] })
      expect(found.choice).toBe(found.asked)
      expect(recommendationText(found, wanted(2, wiring)).en).toContain('the wiring hardly matters')
    },
  )

  test('but not one that overflows', async () => {
    const net = wanted(2, { norm: 'none', branchScale: 1000 })
    const found = await recommendFor(net)
    expect(found.shallow).toBe(false)
    expect(recommendationText(found, net).en).toMatch(/^Leave it: at 2 blocks it will not train/)
  })

  test('deep pre-norm is kept', async () => {
    const net = wanted(48, {})
    const found = await recommendFor(net)
    expect(found).toMatchObject({ shallow: false, candidates: [] })
    expect(recommendationText(found, net).en).toMatch(
      /^Keep the wiring, which is sound: at initialisation the stream.*\. Whether it bears a learning rate of 0\.001 is not known from initialisation: check it\.$/,
    )
  })

  test('post-norm with a warm-up is open, and kept where its rule of thumb alone speaks', async () => {
    const net = wanted(48, { placement: 'post' }, { warmupSteps: 100 })
    const found = await recommendFor(net)
    expect(found.asked.expected).toBe('open')
    expect(recommendationText(found, net).en).toContain('it may not train in spite of its warm-up')
    const shallower = await recommendFor(wanted(18, { placement: 'post' }))
    expect(shallower.choice).toBe(shallower.asked)
    expect(shallower.warnings.map(({ en }) => en).join()).toContain('no warm-up')
  })
})

describe('what stored studies ran outranks the scan', { timeout: 60_000 }, () => {
  const runs = (wiring: Wiring, trained: number): StoredRuns => ({
    ...{
      study: 'runs/studies/x',
      task: 'spiral',
      kind: 'mlp',
      warmupSteps: 0,
      blocks: 12,
      width: 64,
      learningRate: 1e-3,
    },
    ...{ wiring, runs: 3, trained },
  })

  test('a sound wiring that failed is left for the next', async () => {
    const net = wanted(12, {})
    const found = await recommendFor(net, { stored: [runs({}, 0)] })
    expect(found.asked).toMatchObject({ expected: 'fails', by: 'studies' })
    expect(found.choice!.change).toBe('branches times 1/sqrt(n)')
    expect(storedText(found.asked)).toBe('0/3')
    expect(recommendationText(found, net).en).toContain(
      'will not train: its runs in runs/studies/x (task spiral) failed.',
    )
  })

  test('a doubtful one that trained is kept', async () => {
    const net = wanted(12, { norm: 'none' })
    const found = await recommendFor(net, { stored: [runs({ norm: 'none' }, 3)] })
    expect(found.asked.objections).not.toEqual([])
    expect(found.choice).toBe(found.asked)
    expect(recommendationText(found, net).en).toContain('all its runs nearby in runs/studies/x (task spiral) trained')
  })
})

describe('a learning rate above the usual ones', { timeout: 60_000 }, () => {
  const net = wanted(12, {}, { learningRate: 10 })
  const checked = (loss: number): RecommendOptions => ({
    train: () => Promise.resolve({ outcome: loss < 2 ? 'trained' : 'plateaued', loss, chance: 2.3 }),
  })

  test('is warned of, with one to try', async () => {
    const found = recommendationText(await recommendFor(net), net)
    expect(found.en).toContain(
      'Whether it bears a learning rate of 10 is not known from initialisation: check it. Warning',
    )
    expect(found.en).toContain('10 is above 0.03')
    expect(found.en).toContain('try 0.001 first')
    expect(found.zh).toContain('请先试 0.001')
    const usual = wanted(12, {}, { learningRate: 3e-2 })
    expect(recommendationText(await recommendFor(usual), usual).en).not.toContain('Warning')
  })

  test('is blamed before the wiring where the check fails', async () => {
    const { en } = recommendationText(await recommendFor(net, checked(831)), net)
    expect(en).toMatch(
      /^At 12 blocks and a learning rate of 10 it did not train: .* loss is 831.*lower the rate before/,
    )
    expect(en).not.toContain('fewer blocks')
  })

  test('is not doubted where the check trained', async () => {
    const { en } = recommendationText(await recommendFor(net, checked(0.5)), net)
    expect(en).toMatch(
      /^Keep it as it is; it should train: its short training reached a loss of 0.500, chance is 2.30\.$/,
    )
  })
})

describe('short trainings outrank both', { timeout: 60_000 }, () => {
  const outcome = (loss: number | null): ShortTraining => ({
    outcome: loss === null ? 'diverged' : loss < 2 ? 'trained' : 'plateaued',
    ...{ loss, chance: 2.3 },
  })

  test('of what is not expected to fail, cheapest first, until two have trained', async () => {
    const net = wanted(48, { placement: 'post' })
    const trained: string[] = []
    const losses: Record<string, number> = { 'branches times 1/sqrt(n)': 2.3, 'pre-norm': 0.5, 'a warm-up': 0.4 }
    const found = await recommendFor(net, {
      train: ({ change }) => {
        trained.push(change)
        return Promise.resolve(outcome(losses[change]!))
      },
    })
    expect(trained).toEqual(['branches times 1/sqrt(n)', 'pre-norm', 'a warm-up'])
    expect(found.choice!.change).toBe('pre-norm')
    expect(expectationText(found.candidates[0]!).en).toBe('plateaued: loss 2.30, chance 2.30')
    expect(recommendationText(found, net).en).toContain(
      'pre-norm, {"norm":"layer","placement":"pre"}: its short training reached a loss of 0.500, chance is 2.30',
    )
  })

  test('also of what was asked for', async () => {
    const net = wanted(12, {})
    const found = await recommendFor(net, { train: () => Promise.resolve(outcome(null)), checks: 1 })
    expect(found.asked).toMatchObject({ expected: 'fails', by: 'training' })
    expect(recommendationText(found, net).en).toContain(
      'Leave it: at 12 blocks it will not train: the short training diverged.',
    )
    expect(found.choice!.change).toBe('branches times 1/sqrt(n)')
    expect(found.choice!.checked).toBeNull()
  })
})

test('where nothing is expected to train it says so', async () => {
  const net = wanted(12, {})
  const found = await recommendFor(net, {
    train: () => Promise.resolve({ outcome: 'plateaued', loss: 2.3, chance: 2.3 }),
  })
  expect(found.choice).toBeNull()
  expect(recommendationText(found, net).zh).toContain('请减少块数')
})

test('a request that cannot be is refused', async () => {
  await expect(recommendFor(wanted(2, {}, { learningRate: 0 }))).rejects.toThrow(
    'learningRate must be a positive number',
  )
  await expect(recommendFor(wanted(2, {}), { checks: 0 })).rejects.toThrow('checks must be a positive integer')
})

test('every objection is said in both languages, with the same figures', () => {
  const seats = Array.from({ length: 20 }, () => 1)
  const scanOf = (ratio: number, more: Partial<Scan> = {}, correlation = 1): Scan => ({
    profile: { stream: seats, correlation: seats.map(() => correlation), gradient: [ratio, ...seats.slice(1)] },
    ...{ draws: [], weightRatio: 1, centredCorrelation: 0, output: 1e9, overflow: null },
    ...more,
  })
  const found = [
    ...objections(scanOf(1e9), 0),
    ...objections(scanOf(1e-9), 1e-9),
    ...objections(scanOf(Infinity, { overflow: 3 }), 1),
  ]
  expect(new Set(found.map(({ name }) => name))).toHaveLength(8)
  const figures = (text: string): string[] => (text.match(/\d[\d.e+-]*/g) ?? []).toSorted()
  for (const text of found.flatMap((objection) => [objection.short, objection.text])) {
    expect(text.zh).toMatch(/\p{Script=Han}/u)
    expect(figures(text.zh)).toEqual(figures(text.en))
  }
})
