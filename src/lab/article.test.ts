import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeTinyMnist } from '../../test/tiny-mnist.ts'
import { article, type ArticleEvent, type ArticleOptions, readOutcomes } from './article.ts'
import { type ArticleArm, articleArms } from './article-arms.ts'
import { writeArticleReport } from './article-report.ts'
import { readProfiles } from './profile.ts'

let root: string
let folder: string
let runs = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'residua-article-'))
  writeTinyMnist(join(root, 'data'))
})
beforeEach(() => void (folder = join(root, `run-${runs++}`)))
afterAll(() => rmSync(root, { recursive: true }))

/** The eight arms with two blocks where the article's have 32. */
const arms: readonly ArticleArm[] = articleArms.map((arm) => ({ ...arm, depth: Math.min(arm.depth, 2) }))
const [first] = arms as readonly [ArticleArm]

const optionsOf = (more: ArticleOptions = {}): ArticleOptions => ({
  folder,
  arms,
  epochs: 2,
  dataFolder: join(root, 'data'),
  threads: 1,
  ...more,
})

async function run(more: ArticleOptions = {}, see: (event: ArticleEvent) => void = () => undefined): Promise<string[]> {
  const seen: string[] = []
  for await (const event of article(optionsOf(more))) {
    if (event.type === 'arm') seen.push(`${event.index}/${event.count} ${event.arm.name} ${event.state}`)
    see(event)
  }
  return seen
}

const one = { arms: [first] }
const read = (name: string, file: string): string => readFileSync(join(folder, name, file), 'utf8')

test('the arms are the four of the flowchart, shallow ones first', () => {
  expect(articleArms.map(({ name, depth, wiring: { skip, norm } }) => `${name} ${depth} ${skip} ${norm}`)).toEqual([
    'plain-shallow 1 none none',
    'norm-shallow 1 none layer',
    'residual-shallow 1 identity none',
    'residual-norm-shallow 1 identity layer',
    'plain-deep 32 none none',
    'norm-deep 32 none layer',
    'residual-deep 32 identity none',
    'residual-norm-deep 32 identity layer',
  ])
})

describe('all arms', () => {
  test('train, are summed up and reported; a second time they are kept', async () => {
    expect((await run()).map((text) => text.split(' ').at(-1))).toEqual(Array(8).fill('new'))
    const outcomes = readOutcomes(folder, arms)
    for (const { arm, step, accuracy, best, gradientRatio, stepMs, test: tested } of outcomes) {
      expect(step).toBe(4)
      expect(accuracy).toBeGreaterThanOrEqual(0)
      expect(best.value).toBeGreaterThanOrEqual(accuracy)
      expect(stepMs).toBeGreaterThan(0)
      expect(tested).toEqual({ size: 50, chance: 0.1, level: expect.closeTo(Math.log(10), 6) as number })
      const [profile] = readProfiles(join(folder, arm.name))
      expect(profile?.gradientNorm).toHaveLength(arm.depth + 1)
      const ratio = profile!.gradientNorm[0]! / profile!.gradientNorm[arm.depth]!
      expect(gradientRatio?.first).toEqual({ step: 1, value: ratio })
      expect(gradientRatio?.last).toEqual({ step: 1, value: ratio })
    }
    expect(JSON.parse(read('residual-norm-deep', 'summary.json'))).toMatchObject({
      state: 'done',
      accuracy: outcomes.at(-1)?.accuracy,
      gradientRatio: { first: { step: 1 }, last: { step: 1 } },
    })

    const { html, markdown } = writeArticleReport(folder, outcomes, 'npm start')
    for (const path of [html, markdown]) {
      const text = readFileSync(path, 'utf8')
      for (const { arm, accuracy } of outcomes) {
        expect(text).toContain(arm.name)
        expect(text).toContain(`${(100 * accuracy).toFixed(2)}%`)
      }
    }
    expect(readFileSync(join(folder, 'figures', 'article_arms_loss_step.svg'), 'utf8')).toContain('2 blocks')
    expect(existsSync(join(folder, 'figures', 'article_deep_gradient_depth.svg'))).toBe(true)

    const summaries = (): string[] => arms.map(({ name }) => read(name, 'summary.json'))
    const before = summaries()
    expect((await run({ dataFolder: join(root, 'data') })).map((text) => text.split(' ').at(-1))).toEqual(
      Array(8).fill('kept'),
    )
    expect(summaries()).toEqual(before)
  })
})

describe('pairing', () => {
  test('arms of one depth start from the same branch weights and see the same batches', async () => {
    const batches = new Map<string, number[]>()
    await run({ arms: arms.slice(0, 2), epochs: 1 }, (event) => {
      if (event.type !== 'train' || event.event.type !== 'step') return
      batches.set(event.arm.name, [...(batches.get(event.arm.name) ?? []), event.event.examples])
    })
    expect([...batches.values()]).toEqual([
      [128, 128],
      [128, 128],
    ])
    const rms = arms.slice(0, 2).map(({ name }) => readProfiles(join(folder, name))[0]?.rms[0])
    expect(rms[0]).toBeGreaterThan(0)
    expect(rms[1]).toBe(rms[0])
  })
})

describe('going on', () => {
  test('an arm that was stopped goes on to the same end as one that was not', async () => {
    await run(one)
    const whole = JSON.parse(read(first.name, 'summary.json')) as { accuracy: number; loss: number }
    folder = join(root, `run-${runs++}`)
    const controller = new AbortController()
    const stop = (event: ArticleEvent): void => {
      if (event.type === 'train' && event.event.type === 'step') controller.abort()
    }
    expect(await run({ arms: arms.slice(0, 2), signal: controller.signal }, stop)).toEqual(['1/2 plain-shallow new'])
    expect(JSON.parse(read(first.name, 'run.json'))).toMatchObject({ state: 'cancelled' })
    expect(() => readOutcomes(folder, [first])).toThrow(`"state"`)
    expect(await run(one)).toEqual(['1/1 plain-shallow resumed'])
    const { accuracy, loss } = JSON.parse(read(first.name, 'summary.json')) as typeof whole
    expect({ accuracy, loss }).toEqual({ accuracy: whole.accuracy, loss: whole.loss })
  })

  test('settings must agree, unless it begins anew', async () => {
    await run(one)
    await expect(run({ ...one, epochs: 1 })).rejects.toThrow(
      /plain-shallow: it holds an arm with other settings: epochs is 2, asked for 1\. Begin anew with --fresh, or choose/,
    )
    await expect(run({ ...one, seed: 3 })).rejects.toThrow('seed is 0, asked for 3')
    expect(await run({ ...one, epochs: 1, fresh: true })).toEqual(['1/1 plain-shallow new'])
    expect(readOutcomes(folder, [first])[0]).toMatchObject({ epochs: 1, step: 2 })
    expect(existsSync(join(folder, 'plain-shallow.removed'))).toBe(false)
  })

  test('fresh removes runs only', async () => {
    mkdirSync(join(folder, first.name), { recursive: true })
    writeFileSync(join(folder, first.name, 'mine.txt'), 'text')
    expect(await run({ ...one, fresh: true })).toEqual(['1/1 plain-shallow new'])
    expect(read(first.name, 'mine.txt')).toBe('text')
  })
})

test('an arm that diverged is a result', async () => {
  await run(one)
  const path = join(folder, first.name, 'summary.json')
  const summary = JSON.parse(read(first.name, 'summary.json')) as object
  const diverged = { ...summary, state: 'diverged', diverged: 3, firstNotFinite: 'output', loss: 'NaN', plateau: 2 }
  writeFileSync(path, JSON.stringify(diverged))
  const [outcome] = readOutcomes(folder, [first])
  expect(outcome).toMatchObject({ diverged: { step: 3, path: 'output' }, loss: NaN, plateau: 2 })
})

test('refuses options that make no sense, and damaged summaries', async () => {
  await expect(run({ epochs: 0 })).rejects.toThrow('article: epochs: expected a whole number >= 1, got 0')
  await expect(run({ seed: -1 })).rejects.toThrow('article: seed: expected a whole number >= 0, got -1')
  await run(one)
  const path = join(folder, first.name, 'summary.json')
  writeFileSync(path, read(first.name, 'summary.json').replace(/"accuracy": [\d.e-]+/, '"accuracy": "high"'))
  expect(() => readOutcomes(folder, [first])).toThrow(`${path}: "accuracy"`)
})
