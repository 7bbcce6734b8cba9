import { describe, expect, test } from 'vitest'
import { rateInterval } from '../statistics/rate.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from './judge.ts'
import { figuresIn, runsOf, simulated, textsOf, type Truth } from './results.test-kit.ts'
import type { BestRule, DifferenceRule, Rule } from './rule.ts'
import { verdictText } from './verdict.ts'

const difference: DifferenceRule = {
  kind: 'difference',
  metric: 'accuracy',
  better: 'higher',
  arms: ['a', 'b'],
  smallest: 0.02,
}
const best: BestRule = { ...difference, kind: 'best', arms: ['a', 'b', 'c'] }

/** The verdict where an arm gives the same in every seed. */
const alike = (rule: Rule, seeds: number, levels: readonly number[]): ReturnType<typeof judge> =>
  judge(
    rule,
    levels.flatMap((level, i) => runsOf(['a', 'b', 'c'][i]!, new Array<number>(seeds).fill(level))),
  )

const pair = (a: Truth, b: Truth, seeds = 5): RunResult[] => simulated({ a, b }, seeds, 1)

describe('two arms whose truth is known', () => {
  test('a large effect', () => {
    const verdict = judge(difference, pair({ mean: 0.9 }, { mean: 0.6 }))
    expect(verdict).toMatchObject({ strength: 'large effect', holds: true, more: 0, against: [] })
    expect(verdictText(verdict).en).toMatch(
      /^'a' is ahead of 'b' in accuracy by 0\.\d+ \[.*n=5\): a large effect\. Use 'a'\.$/,
    )
  })

  test('a small effect', () => {
    const verdict = judge(difference, pair({ mean: 0.93 }, { mean: 0.9 }))
    expect(verdict).toMatchObject({ strength: 'small effect', holds: true, more: 0 })
  })

  test('the opposite', () => {
    const verdict = judge(difference, pair({ mean: 0.6 }, { mean: 0.9 }))
    expect(verdict).toMatchObject({ strength: 'large effect', holds: false })
    expect(verdictText(verdict).en).toMatch(/^'b' is ahead of 'a'.*Use 'b'\.$/)
  })

  test('none that matters', () => {
    const verdict = judge(difference, pair({ mean: 0.9 }, { mean: 0.9 }))
    expect(verdict).toMatchObject({ strength: 'small effect', holds: false })
    expect(verdictText(verdict).en).toContain("'a' and 'b' differ by less than 0.02")
    expect(verdictText(verdict).en).toMatch(/Choose by cost\.$/)
  })

  test('lower can be better', () => {
    const verdict = judge({ ...difference, better: 'lower' }, pair({ mean: 0.6 }, { mean: 0.9 }))
    expect(verdict).toMatchObject({ strength: 'large effect', holds: true })
    expect(verdict.evidence.find(({ band }) => band.kind === 'paired t')!.band.estimate).toBeGreaterThan(0.28)
  })

  test('not separated is a verdict, and the seeds it asks for decide most of such studies', () => {
    const noisy = (seeds: number, study: number): RunResult[] =>
      simulated({ a: { mean: 0.93 }, b: { mean: 0.9 } }, seeds, study, 0.02)
    const open = Array.from({ length: 60 }, (_, study) => ({
      study,
      verdict: judge(difference, noisy(5, study)),
    })).filter(({ verdict }) => verdict.holds === null)
    for (const { verdict } of open) {
      expect(verdict.strength).toBe('inconclusive')
      expect(verdictText(verdict).en).toMatch(new RegExp(`Not separated: run ${verdict.more} more seeds? per arm\\.$`))
    }
    const later = open.map(({ study, verdict }) => judge(difference, noisy(5 + verdict.more!, study)).holds)
    expect(open.length).toBeGreaterThan(20)
    expect(later.filter((holds) => holds !== null).length / open.length).toBeGreaterThan(0.75)
    expect(later.filter((holds) => holds).length / open.length).toBeGreaterThan(0.75)
  })

  test('seeds that go the other way speak against it', () => {
    const verdict = judge(difference, [
      ...runsOf('a', [0.9, 0.9, 0.9, 0.9, 0.69]),
      ...runsOf('b', [0.5, 0.51, 0.5, 0.52, 0.7]),
    ])
    expect(verdict.against[0]!.en).toBe('In 1 of 5 seeds in which both trained, accuracy points the other way.')
  })

  test('differences that never vary are suspicious, and decided by their signs alone', () => {
    const verdict = alike(difference, 3, [0.75, 0.5])
    expect(verdict).toMatchObject({ strength: 'inconclusive', holds: null, more: 3 })
    expect(verdictText(verdict).en).toBe(
      "'a' is ahead of 'b' in accuracy by 0.25 in all 3 seeds (without spread there is no t-interval; by signs p=0.25). Not separated: run 3 more seeds per arm.",
    )
    expect(verdict.against[0]!.en).toBe(
      'All 3 differences are 0.25 to the last digit: check that the seed reaches the run.',
    )
    expect(verdict.evidence.filter(({ band }) => band.kind !== 'Clopper-Pearson').map(({ band }) => band.kind)).toEqual(
      ['range', 'range', 'range'],
    )
    expect(alike(difference, 6, [0.75, 0.5])).toMatchObject({ strength: 'large effect', holds: true })
    expect(alike(difference, 6, [0.5, 0.75])).toMatchObject({ strength: 'large effect', holds: false })
  })

  test.each([0, 0.01])(
    'nor do values that differ by %f in five seeds show that they are equal; in six they do',
    (gap) => {
      expect(alike(difference, 5, [0.75 + gap, 0.75])).toMatchObject({ holds: null, more: 1 })
      const verdict = alike(difference, 6, [0.75 + gap, 0.75])
      expect(verdict).toMatchObject({ strength: 'small effect', holds: false })
      expect(verdictText(verdict).en).toContain("'a' and 'b' differ by less than 0.02")
    },
  )

  test('of many comparisons each needs more seeds, as many as are asked for', () => {
    const levels = [0.9, 0.7, 0.5]
    const { more } = alike({ ...best, kind: 'order' }, 6, levels)
    expect(more).toBe(1)
    expect(alike({ ...best, kind: 'order' }, 6 + more!, levels)).toMatchObject({
      strength: 'large effect',
      holds: true,
    })
    expect(alike(best, 6, levels).holds).toBeNull()
    expect(alike(best, 7, levels).holds).toBe(true)
  })
})

describe('runs that fail are results', () => {
  test('an arm that always diverges loses, with three seeds', () => {
    const verdict = judge(difference, pair({ mean: 0.9 }, { mean: 0.99, diverges: 1 }, 3))
    expect(verdict).toMatchObject({ strength: 'large effect', holds: true })
    expect(verdictText(verdict).en).toMatch(
      /^'a' trained in 3 of 3 seeds, 'b' trained in 0 of 3 seeds: difference of rates 1/,
    )
    expect(verdict.against[0]!.en).toBe("'b' failed to train in 3 of 3 seeds.")
  })

  test('an arm does not win by the runs it lost, and what it did where it trained is said', () => {
    const a = [0.9, 0.9, 0.91, 0.9, 0.9, 0.89, 0.9, 0.9]
    const b = [0.99, 0.98, null, null, null, null, null, null]
    const verdict = judge(difference, [...runsOf('a', a), ...runsOf('b', b)])
    expect(verdict).toMatchObject({ strength: 'large effect', holds: true })
    expect(verdict.against.at(-1)!.en).toMatch(/^Where both trained, 'b' is the better by 0\.0/)
    const turned = judge({ ...difference, arms: ['b', 'a'] }, [...runsOf('a', a), ...runsOf('b', b)])
    expect(turned).toMatchObject({ strength: 'large effect', holds: false })
    expect(turned.against.at(-1)).toEqual(verdict.against.at(-1))
  })

  test('one failure in each arm hides no difference of values', () => {
    const a = [0.9, 0.91, 0.9, 0.92, 0.9, 0.91, 0.9, null]
    const b = [0.8, 0.81, 0.82, 0.8, 0.81, 0.8, 0.82, null]
    const verdict = judge(difference, [...runsOf('a', a), ...runsOf('b', b)])
    expect(verdict).toMatchObject({ strength: 'small effect', holds: true })
    expect(verdictText(verdict).en).toContain("'a' trained in 7 of 8 seeds")
  })

  test('two arms of which neither trains need another budget, not more seeds', () => {
    const verdict = judge(difference, pair({ mean: 0.9, diverges: 1 }, { mean: 0.9, diverges: 1 }))
    expect(verdict).toMatchObject({ strength: 'inconclusive', holds: null, more: null })
    expect(verdictText(verdict).en).toMatch(/No affordable number of seeds would decide it: change the budget/)
  })
})

test('the seeds asked for are those of the test that decides first: ranks, where the arm that fails is far worse as well', () => {
  const worse = (seeds: number): (number | null)[] =>
    Array.from({ length: seeds }, (_, seed) => (seed % 3 === 2 ? null : 0.17 + (seed % 5) / 500))
  const better = (seeds: number): number[] => Array.from({ length: seeds }, (_, seed) => 0.88 + seed / 1000)
  const rule: Rule = {
    ...{ kind: 'difference', arms: ['a', 'b'], metric: 'accuracy', better: 'higher', smallest: 0.01 },
  }
  const judged = (seeds: number): ReturnType<typeof judge> =>
    judge(rule, [...runsOf('a', better(seeds)), ...runsOf('b', worse(seeds))])
  const { more } = judged(3)
  expect(more).toBeGreaterThan(1)
  expect(more).toBeLessThan(7)
  expect(judged(3 + more!)).toMatchObject({ holds: true, strength: 'large effect' })
})

describe('rules of many arms', () => {
  const truth = {
    a: { mean: 0.95 },
    b: { mean: 0.95 },
    c: { mean: 0.85 },
    d: { mean: 0.8 },
    e: { mean: 0.99, diverges: 1 },
  }
  const five = simulated(truth, 8, 4)

  test('the best are named, those level with them too', () => {
    const verdict = judge({ ...best, arms: ['e', 'd', 'c', 'b', 'a'] }, five)
    expect(verdict).toMatchObject({ strength: 'large effect', holds: true, more: 0 })
    expect(verdictText(verdict).en).toMatch(/^Best of 5 arms are '[ab]' and '[ab]'\./)
    expect(verdictText(verdict).en).toContain("Worse: 'c', 'd' and 'e'.")
    expect(verdictText(verdict).en).toMatch(/Holm over 10 comparisons.*Choose between '[ab]' and '[ab]' by cost\.$/)
  })

  test('three seeds are too few to tell many arms apart by failures alone; the seeds asked for are enough', () => {
    const rule: BestRule = { ...best, arms: ['a', 'c', 'e'], smallest: 0.01 }
    const { holds, more, sentence } = judge(rule, simulated(truth, 3, 4))
    expect(holds).toBeNull()
    expect(sentence.en).toContain("'e' cannot be told from it")
    expect(judge(rule, simulated(truth, 3 + more!, 4)).holds).toBe(true)
  })

  test('an order holds, fails, or is open', () => {
    const order: Rule = { ...difference, kind: 'order', arms: ['a', 'c', 'd'] }
    expect(judge(order, five)).toMatchObject({ strength: 'small effect', holds: true })
    expect(judge({ ...order, arms: ['a', 'c', 'e'] }, five)).toMatchObject({ strength: 'large effect', holds: true })
    const wrong = judge({ ...order, arms: ['c', 'a', 'd'] }, five)
    expect(wrong).toMatchObject({ strength: 'large effect', holds: false })
    expect(verdictText(wrong).en).toMatch(/^The order 'c' > 'a' > 'd' does not hold\. 'a' is ahead of 'c'/)
    expect(judge({ ...order, arms: ['a', 'b', 'd'] }, five).holds).toBe(false)
    const open = judge({ ...order, smallest: 0.001 }, simulated(truth, 3, 4, 0.1))
    expect(open).toMatchObject({ strength: 'inconclusive', holds: null })
    expect(open.more).toBeGreaterThan(0)
  })
})

describe('rates, bounds, identities', () => {
  const arms = simulated({ a: { mean: 0.9 }, b: { mean: 0.9, diverges: 1 }, c: { mean: 0.9, diverges: 0.4 } }, 6, 3)

  test('one arm diverges more often', () => {
    const rule: Rule = { kind: 'rate', outcome: 'diverged', is: 'lower', arms: ['a', 'b'], smallest: 0.2 }
    expect(judge(rule, arms)).toMatchObject({ strength: 'large effect', holds: true, more: 0 })
    expect(judge({ ...rule, is: 'higher' }, arms)).toMatchObject({ holds: false })
    const open = judge({ ...rule, arms: ['a', 'c'] }, arms)
    expect(open).toMatchObject({ strength: 'inconclusive', holds: null })
    expect(open.more).toBeGreaterThan(0)
    expect(judge({ ...rule, outcome: 'plateaued' }, arms).sentence.en).toContain("'a' in 0 of 6")
  })

  test('a mean above a bound', () => {
    const rule: Rule = { kind: 'threshold', arm: 'a', metric: 'accuracy', is: 'above', bound: 0.5, large: 0.3 }
    expect(judge(rule, arms)).toMatchObject({ strength: 'large effect', holds: true })
    expect(judge({ ...rule, bound: 0.99 }, arms)).toMatchObject({ strength: 'small effect', holds: false })
    expect(judge({ ...rule, is: 'below' }, arms)).toMatchObject({ holds: false })
    const open = judge({ ...rule, bound: 0.9 }, arms)
    expect(open).toMatchObject({ strength: 'inconclusive', holds: null })
    expect(verdictText(open).en).toMatch(/The interval holds 0\.9\. Run \d+ more seeds?\.$/)
  })

  test('a metric that is the same in all seeds has no t-interval: the share of runs beyond the bound decides', () => {
    const rule: Rule = { kind: 'threshold', arm: 'a', metric: 'accuracy', is: 'above', bound: 0.5, large: 0.3 }
    const open = alike(rule, 5, [0.9])
    expect(open).toMatchObject({ strength: 'inconclusive', holds: null, more: 1 })
    expect(verdictText(open).en).toBe(
      "The share of runs of 'a' that trained with accuracy above 0.5 (it is 0.9 in all: without spread there is no t-interval) is 1.00 [0.48, 1.00] (95% Clopper-Pearson interval, n=5). The interval holds 0.5. Run 1 more seed.",
    )
    expect(open.evidence[0]!.band).toMatchObject({ estimate: 0.9, n: 5, kind: 'range' })
    expect(alike(rule, 6, [0.9])).toMatchObject({ strength: 'large effect', holds: true })
    expect(alike({ ...rule, large: 0.5 }, 6, [0.9])).toMatchObject({ strength: 'small effect', holds: true })
    expect(alike(rule, 6, [0.1])).toMatchObject({ strength: 'large effect', holds: false })
    expect(alike(rule, 6, [0.5])).toMatchObject({ strength: 'small effect', holds: false })
  })

  test('an arm of which runs fail reaches a bound only by the share that does', () => {
    const rule: Rule = { kind: 'threshold', arm: 'b', metric: 'accuracy', is: 'above', bound: 0.5 }
    expect(judge(rule, arms)).toMatchObject({ holds: false })
    expect(judge({ ...rule, arm: 'c' }, arms)).toMatchObject({ holds: null, strength: 'inconclusive' })
  })

  test('how often', () => {
    const rule: Rule = { kind: 'frequency', arm: 'a', outcome: 'failed', is: 'below', bound: 0.5 }
    expect(judge(rule, arms)).toMatchObject({ strength: 'small effect', holds: true })
    expect(judge({ ...rule, arm: 'b' }, arms)).toMatchObject({ holds: false })
    expect(judge({ ...rule, bound: 0.1 }, arms)).toMatchObject({ holds: null, more: 30 })
  })

  test('a share of counts, over all runs together', () => {
    const counted = (counts: readonly number[], of = 30): RunResult[] =>
      counts.map((alarms, seed) => ({ arm: 'a', seed, outcome: 'trained', metrics: { alarms, studies: of } }))
    const rule: Rule = { kind: 'share', arm: 'a', count: 'alarms', of: 'studies', is: 'below', bound: 0.05 }
    const none = judge(rule, counted([0, 0, 0]))
    expect(none).toMatchObject({ strength: 'small effect', holds: true, more: 0 })
    expect(verdictText(none).en).toBe(
      "The share of alarms among studies of 'a' is 0.000 [0.000, 0.040] (95% Clopper-Pearson interval, n=90). It is below 0.05. Count on it.",
    )
    expect(none.evidence).toEqual([{ what: expect.anything() as unknown, band: rateInterval(0, 90) }])
    const fewest = judge(rule, counted([0, 0, 0], 24))
    expect(fewest.holds).toBe(true)
    expect(fewest.sentence.en).toMatch(/is 0\.0+ \[0\.0+, 0\.0499\].*It is below 0\.05\.$/)
    expect(judge(rule, counted([0, 0, 0], 23))).toMatchObject({ holds: null, more: 1 })
    expect(judge(rule, counted([6, 2, 9])).holds).toBe(false)
    expect(judge({ ...rule, is: 'above' }, counted([6, 2, 9])).holds).toBe(true)
    const open = judge(rule, counted([1, 0, 0]))
    expect(open).toMatchObject({ strength: 'inconclusive', holds: null })
    expect(judge(rule, counted([1, 0, 0, ...new Array<number>(open.more!).fill(0)])).holds).toBe(true)
  })

  test.each([[1.5], [31], [-1], [NaN]])('%f of 30 is no count', (alarms) => {
    const results = [0, 1, 2].map((seed): RunResult => ({
      arm: 'a',
      seed,
      outcome: 'trained',
      metrics: { alarms: seed === 1 ? alarms : 0, studies: 30 },
    }))
    const rule: Rule = { kind: 'share', arm: 'a', count: 'alarms', of: 'studies', is: 'below', bound: 0.05 }
    expect(() => judge(rule, results)).toThrow(
      `expected whole numbers of alarms and studies in arm 'a', seed 1, the first at most the second, got ${alarms} and 30. Count them in every run`,
    )
  })

  test('a share of nothing', () => {
    const results = [0, 1, 2].map((seed): RunResult => ({
      arm: 'a',
      seed,
      outcome: 'trained',
      metrics: { x: 0, y: 0 },
    }))
    const rule: Rule = { kind: 'share', arm: 'a', count: 'x', of: 'y', is: 'below', bound: 0.05 }
    expect(() => judge(rule, results)).toThrow("expected at least one of y in arm 'a', got none. Run more seeds")
  })

  test('an identity is exact, a fact of a program deterministic, and one wrong result refutes', () => {
    const checks = [1e-13, 2e-12, 0].map((error, seed): RunResult => ({
      arm: 'x',
      seed,
      outcome: 'trained',
      metrics: { error },
    }))
    const rule: Rule = { kind: 'identity', metric: 'error', tolerance: 1e-9 }
    expect(judge(rule, checks)).toMatchObject({ strength: 'exact', holds: true, more: 0 })
    const wrong = judge({ ...rule, tolerance: 1e-12 }, checks)
    expect(wrong).toMatchObject({ strength: 'exact', holds: false })
    expect(verdictText(wrong).en).toMatch(
      /in 1 of 3 results: off by up to 2e-12, allowed 1e-12\. Start with arm 'x', seed 1\.$/,
    )
    expect(judge({ ...rule, equals: 1, tolerance: 0, strength: 'deterministic' }, checks)).toMatchObject({
      strength: 'deterministic',
      holds: false,
    })
  })

  test('what cannot be tested is said so', () => {
    const rule: Rule = { kind: 'untestable', reason: { en: 'No data.', zh: '没有数据。' } }
    expect(judge(rule, [])).toMatchObject({ strength: 'untestable', holds: null, more: null })
  })
})

describe('learning-rate grids', () => {
  const a = [
    ...runsOf('a', [0.5, 0.51, 0.5], 1e-3),
    ...runsOf('a', [0.9, 0.91, 0.9], 3e-3),
    ...runsOf('a', [0.99, null, 0.99], 1e-2),
  ]
  const b = [...runsOf('b', [0.8, 0.8, 0.81], 1e-3), ...runsOf('b', [0.7, 0.71, 0.7], 3e-3)]

  test('every arm is judged at its own best rate', () => {
    const verdict = judge(difference, [...a, ...b])
    expect(verdict.evidence.map(({ what }) => what.en)).toContain(
      "'a': mean accuracy of the 3 of 3 runs that trained, learning rate 0.003",
    )
    expect(verdict.evidence.find(({ band }) => band.kind === 'paired t')!.band.estimate).toBeCloseTo(0.1, 12)
    expect(verdict.against.at(-1)!.en).toBe(
      "The best learning rate of 'b', 0.001, lies at the end of its grid: a better one may lie beyond.",
    )
  })

  test('or at the one that the rule names', () => {
    expect(judge({ ...difference, learningRate: 1e-3 }, [...a, ...b])).toMatchObject({ holds: false, against: [] })
    expect(() => judge({ ...difference, learningRate: 1e-2 }, [...a, ...b])).toThrow(
      "arm 'b' has no learning rate 0.01. Its rates: 0.001, 0.003",
    )
  })
})

describe('results that cannot bear the rule', () => {
  const good = pair({ mean: 0.9 }, { mean: 0.6 })

  test.each<[string, RunResult[], string]>([
    ['too few seeds', pair({ mean: 0.9 }, { mean: 0.6 }, 2), 'expected at least 3 seeds per arm, got 2. Run 1 more'],
    ['a missing arm', runsOf('a', [1, 2, 3]), "no results of arm 'b', did you mean 'a'?"],
    [
      'a missing cell',
      good.slice(1),
      "expected the same seeds in every cell, but arm 'a' lacks 0. Run the missing cells",
    ],
    ['a doubled cell', [...good, good[0]!], "expected one run per cell, got two of arm 'a', seed 0. Remove one"],
    [
      'a metric that is not finite',
      good.map((run, i) => (i === 0 ? { ...run, metrics: { accuracy: NaN } } : run)),
      "arm 'a', seed 0 is marked as trained, but its accuracy is NaN. Mark it as diverged",
    ],
    [
      'a metric that was not measured',
      good.map((run) => ({ ...run, metrics: { loss: 1 } })),
      "arm 'a', seed 0 has no metric 'accuracy', it has loss. Measure it, or correct the rule",
    ],
  ])('%s', (_, results, message) => expect(() => judge(difference, results)).toThrow(message))

  test('an identity over nothing, or over NaN', () => {
    const rule: Rule = { kind: 'identity', metric: 'accuracy', tolerance: 0 }
    expect(() => judge(rule, [])).toThrow('expected at least one result, got none')
    expect(() => judge(rule, runsOf('a', [null]))).toThrow("expected a finite accuracy in arm 'a', seed 0, got NaN")
  })

  test.each<[unknown, RegExp]>([
    [{ ...difference, smallest: 0 }, /^rule of kind 'difference': "smallest": /],
    [{ ...difference, arms: ['a', 'a'] }, /"arms": expected different arms/],
    [{ ...difference, confidence: 95 }, /"confidence": /],
    [{ ...difference, tolerance: 1 }, /tolerance/],
    [{ ...difference, kind: 'diference' }, /unknown name 'diference', did you mean 'difference'/],
    ['better', /^rule: expected an object with a kind, one of difference, order/],
  ])('a rule that does not fit: %j', (rule, message) => expect(() => judge(rule as Rule, good)).toThrow(message))
})

describe('both languages', () => {
  const constant = ['d', 'e', 'f'].flatMap((arm, i) => runsOf(arm, new Array<number>(5).fill(i === 0 ? 0.7 : 0.5)))
  const results = [
    ...simulated({ a: { mean: 0.95 }, b: { mean: 0.94, diverges: 0.5 }, c: { mean: 0.8 } }, 5, 2),
    ...constant.map((run) => ({ ...run, metrics: { ...run.metrics, hits: 3, trials: 7 } })),
  ]
  const rules: Rule[] = [
    difference,
    { ...difference, arms: ['a', 'c'] },
    { ...difference, arms: ['c', 'a'] },
    { ...best, arms: ['a', 'b', 'c'] },
    { ...difference, kind: 'order', arms: ['a', 'b', 'c'] },
    { ...difference, kind: 'order', arms: ['a', 'c'] },
    { kind: 'rate', outcome: 'failed', is: 'lower', arms: ['a', 'b'], smallest: 0.1 },
    { kind: 'threshold', arm: 'a', metric: 'accuracy', is: 'above', bound: 0.9 },
    { kind: 'threshold', arm: 'b', metric: 'accuracy', is: 'below', bound: 0.9 },
    { kind: 'frequency', arm: 'c', outcome: 'trained', is: 'above', bound: 0.4 },
    { kind: 'threshold', arm: 'd', metric: 'accuracy', is: 'above', bound: 0.6 },
    { ...difference, arms: ['d', 'e'] },
    { ...difference, arms: ['e', 'f'] },
    { kind: 'share', arm: 'd', count: 'hits', of: 'trials', is: 'above', bound: 0.4 },
  ]

  test.each(rules)('hold the same figures: %j', (rule) => {
    const verdict = judge(rule, results)
    for (const { en, zh } of textsOf(verdict)) {
      expect(figuresIn(zh)).toEqual(figuresIn(en))
      expect(zh).toMatch(/[\u4e00-\u9fff]/)
      expect(en).not.toMatch(/[\u4e00-\u9fff]|undefined|NaN/)
    }
  })

  test('a verdict is plain JSON, and the same every time', () => {
    for (const rule of rules) {
      const verdict = judge(rule, results)
      expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
      expect(judge(rule, results.toReversed())).toEqual(verdict)
    }
  })
})
