import { describe, expect, test } from 'vitest'
import { untranslated } from '../../test/english.ts'
import { articleArms } from './article-arms.ts'
import { findingOf, isAtChance, remarkOf } from './article-finding.ts'
import type { Outcome } from './article-outcome.ts'

const outcomeOf = (arm: Outcome['arm'], more: Partial<Outcome> = {}): Outcome => ({
  arm,
  folder: arm.name,
  state: 'done',
  step: 938,
  accuracy: 0.97,
  best: { step: 938, value: more.accuracy ?? 0.97 },
  loss: 0.1,
  gradientRatio: { first: { step: 1, value: 2 }, last: { step: 900, value: 3 } },
  stepMs: 20,
  seconds: 20,
  parameters: 1000,
  plateau: null,
  diverged: null,
  test: { size: 10000, chance: 0.1135, level: 2.301 },
  machine: '2 cores',
  seed: 0,
  epochs: 2,
  versions: {},
  ...more,
})

const outcomesOf = (more: Readonly<Record<string, Partial<Outcome>>>): Outcome[] =>
  articleArms.map((arm) => outcomeOf(arm, more[arm.name]))

const verdicts = (more: Readonly<Record<string, Partial<Outcome>>>): (string | undefined)[] =>
  findingOf(outcomesOf(more)).claims.map((claim) => /\)\. ([A-Z][a-z ]+ here): /.exec(claim)?.[1])

const [arm] = articleArms as readonly [Outcome['arm']]

test('chance is the most frequent class within three standard errors', () => {
  const at = (accuracy: number): boolean => isAtChance(outcomeOf(arm, { accuracy }))
  expect([0.098, 0.1135, 0.122, 0.124, 0.9, NaN].map(at)).toEqual([true, true, true, false, false, true])
})

test('remarks', () => {
  const remark = (more: Partial<Outcome>): string => remarkOf(outcomeOf(arm, more), 'en')
  expect(remark({})).toBe('')
  expect(remark({ accuracy: 0.1 })).toBe('at chance')
  expect(remark({ accuracy: 0.1, plateau: 205 })).toBe('plateau since before step 205')
  expect(remark({ accuracy: 0.1, plateau: 205, best: { step: 469, value: 0.4152 } })).toBe(
    'at chance, after 41.52% at step 469',
  )
  expect(remark({ accuracy: 0.6, plateau: 205 })).toBe('left a plateau (step 205)')
  expect(remark({ diverged: { step: 7, path: 'gradient of head.bias' } })).toBe(
    'diverged at step 7: gradient of head.bias',
  )
})

describe('the lead names who learned, the best first, and who did not', () => {
  test('some of the deep arms', () => {
    const { lead } = findingOf(
      outcomesOf({
        'plain-deep': { accuracy: 0.101 },
        'norm-deep': { accuracy: 0.098 },
        'residual-deep': { accuracy: 0.8125 },
      }),
    )
    expect(lead).toMatch(
      'With 32 blocks, residual + norm (97.00%) and residual (81.25%) learned, while plain (10.10%) and norm (9.80%) ended at chance (always the most frequent digit: 11.35%). With 1 block, all arms learned: ',
    )
  })

  test('one that learned and forgot', () => {
    const { lead } = findingOf(outcomesOf({ 'plain-deep': { accuracy: 0.1028, best: { step: 469, value: 0.4152 } } }))
    expect(lead).toContain('while plain (10.28%, after 41.52% at step 469) ended at chance')
  })

  test('none, and one that diverged', () => {
    const stuck = { accuracy: 0.1 }
    const diverged = { ...stuck, diverged: { step: 3, path: 'output' } }
    const deep = { 'plain-deep': stuck, 'norm-deep': stuck, 'residual-deep': diverged, 'residual-norm-deep': stuck }
    expect(findingOf(outcomesOf(deep)).lead).toMatch(
      /^With 32 blocks, no arm learned: .*residual \(10\.00%, diverged at step 3\)/,
    )
  })
})

describe('what the numbers say of the statements depends on the numbers', () => {
  test.each([
    ['all arms alike', {}, ['Not refuted here', 'Not refuted here', 'Not borne out here']],
    ['norm at chance', { 'norm-deep': { accuracy: 0.1 } }, ['Refuted here', 'Not refuted here', 'Not borne out here']],
    [
      'norm far below plain',
      { 'norm-deep': { accuracy: 0.5 } },
      ['Refuted here', 'Not refuted here', 'Not borne out here'],
    ],
    [
      'residual behind',
      { 'residual-deep': { accuracy: 0.8 } },
      ['Not refuted here', 'Holds only in part here', 'Not borne out here'],
    ],
    [
      'residual diverged',
      { 'residual-deep': { accuracy: 0.96, diverged: { step: 2, path: 'output' } } },
      ['Not refuted here', 'Refuted here', 'Not borne out here'],
    ],
    [
      'one block gains',
      { 'plain-shallow': { accuracy: 0.9 } },
      ['Not refuted here', 'Not refuted here', 'Borne out here'],
    ],
  ])('%s', (_, more, expected) => {
    expect(verdicts(more)).toEqual(expected)
  })

  test('and quotes them', () => {
    const gradientRatio = { first: { step: 1, value: 1.09 }, last: { step: 900, value: 5.1e-11 } }
    const { claims, caveat } = findingOf(outcomesOf({ 'norm-deep': { accuracy: 0.098, gradientRatio } }))
    expect(claims[0]).toContain('with 32 blocks and no residual connection it ended at 9.80% (plain: 97.00%)')
    expect(claims[0]).toContain('1.09 times that after the last block at step 1, and 5.10e-11 times at step 900')
    expect(caveat).toContain('One seed (0), one learning rate (0.001), 938 steps an arm')
    expect(caveat).toContain('differ by less than 0.47 points cannot be told apart') // 1.96 sqrt(2 * .97 * .03 / 10000)
  })
})

test('Chinese has the same figures, and no English but names', () => {
  const stuck = { accuracy: 0.1, best: { step: 469, value: 0.4152 }, gradientRatio: null }
  const diverged = { accuracy: 0.1, diverged: { step: 3, path: 'output' } }
  const cases = [
    {},
    { 'plain-deep': stuck, 'norm-deep': { accuracy: 0.1, plateau: 205 }, 'plain-shallow': { accuracy: 0.9 } },
    { 'plain-deep': stuck, 'norm-deep': stuck, 'residual-deep': diverged, 'residual-norm-deep': stuck },
    { 'residual-deep': { accuracy: 0.8, plateau: 205 } },
  ]
  const figures = (text: string): string[] => (text.match(/\d+(\.\d+)?(e-\d+)?%?/g) ?? []).toSorted()
  for (const more of cases) {
    const outcomes = outcomesOf(more)
    const said = (language: 'en' | 'zh'): string[] => {
      const { lead, claims, caveat } = findingOf(outcomes, language)
      return [lead, ...claims, caveat, ...outcomes.map((outcome) => remarkOf(outcome, language))]
    }
    const [english, chinese] = [said('en'), said('zh')]
    expect(chinese.map(figures)).toEqual(english.map(figures))
    expect(untranslated(english.join('\n'), chinese.join('\n'))).toEqual([])
  }
})
