import { describe, expect, test } from 'vitest'
import type { RunResult } from '../statistics/run-result.ts'
import { judge } from './judge.ts'
import { figuresIn, runsOf, textsOf } from './results.test-kit.ts'
import type { BestRule } from './rule.ts'
import type { Verdict } from './verdict.ts'

const rule = (...arms: readonly string[]): BestRule => ({
  ...{ kind: 'best', arms, metric: 'accuracy', better: 'higher', smallest: 0.01 },
})

const good = [0.9, 0.91, 0.9]
const ended = (arm: string, outcomes: readonly RunResult['outcome'][]): RunResult[] =>
  outcomes.map((outcome, seed) => ({ arm, seed, outcome, metrics: {} }))
const diverged = (arm: string): RunResult[] => ended(arm, ['diverged', 'diverged', 'diverged'])
const plateaued = (arm: string): RunResult[] => ended(arm, ['plateaued', 'plateaued', 'plateaued'])

/** The verdict, whose texts hold the same figures in both languages. */
function judged(names: readonly string[], results: readonly RunResult[]): Verdict {
  const verdict = judge(rule(...names), results)
  for (const { en, zh } of textsOf(verdict)) expect(figuresIn(zh)).toEqual(figuresIn(en))
  return verdict
}

describe('arms that never trained', () => {
  test('an arm that alone trained does not lead: it alone trained, and the others ended so', () => {
    const { sentence, advice, holds } = judged(
      ['a', 'b', 'c'],
      [...runsOf('a', good), ...diverged('b'), ...plateaued('c')],
    )
    expect(holds).toBeNull()
    expect(sentence.en).toMatch(
      /^Only 'a' trained: 'c' stayed on a plateau in all 3 seeds, 'b' diverged in all 3 seeds\. 'a' trained in 3 of 3/,
    )
    expect(advice.en).toMatch(/^Not separated: run \d more seeds? per arm\.$/)
    expect(sentence.zh).toMatch(/^只有 'a' 训练成功：'c' 在全部 3 个种子中都停在平台，'b' 在全部 3 个种子中都发散。/)
  })

  test('those that ended alike are named together, those of several ends as failed', () => {
    const mixed = ended('d', ['diverged', 'plateaued', 'diverged'])
    const { sentence } = judged(
      ['a', 'b', 'c', 'd'],
      [...runsOf('a', good), ...diverged('b'), ...diverged('c'), ...mixed],
    )
    expect(sentence.en).toMatch(
      /^Only 'a' trained: 'b' and 'c' diverged in all 3 seeds, 'd' failed to train in all 3 seeds\./,
    )
  })

  test('where none trained, none leads', () => {
    const { sentence, more } = judged(['a', 'b'], [...diverged('a'), ...diverged('b')])
    expect(sentence.en).toMatch(/^None of 2 arms trained: 'a' and 'b' diverged in all 3 seeds\./)
    expect(sentence.zh).toMatch(/^2 组都未训练成功：'a'、'b' 在全部 3 个种子中都发散。/)
    expect(more).toBeNull()
  })

  test('beside others that did train, they are told apart from those', () => {
    const results = [...runsOf('a', good), ...runsOf('b', [0.895, null, 0.9]), ...diverged('c')]
    const { sentence } = judged(['a', 'b', 'c'], results)
    expect(sentence.en).toMatch(
      /^'a' leads 3 arms, but 'b' and 'c' cannot be told from it\. Of these, 'c' diverged in all 3 seeds\./,
    )
  })

  test('an arm that lost some runs is not among them', () => {
    const results = [...runsOf('a', good), ...runsOf('b', [0.895, null, 0.9])]
    expect(judged(['a', 'b'], results).sentence.en).toMatch(
      /^'a' leads 2 arms, but 'b' cannot be told from it\. '[ab]' is ahead/,
    )
  })

  test('have no best learning rate, so none at the end of a grid', () => {
    const both = [1e-3, 3e-3].flatMap((rate) => [...runsOf('a', good, rate), ...runsOf('b', [null, null, null], rate)])
    const against = judged(['a', 'b'], both).against.map(({ en }) => en)
    expect(against.filter((text) => text.includes('end of its grid'))).toEqual([
      "The best learning rate of 'a', 0.001, lies at the end of its grid: a better one may lie beyond.",
    ])
  })
})
