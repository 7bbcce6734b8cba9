import { expect, test } from 'vitest'
import { constant } from '../experiment/constant.test-kit.ts'
import { recordOf } from '../experiment/record.ts'
import { findingText, standingText } from './finding-blocks.ts'
import type { BearingFinding } from './standing.ts'

/** The finding of three trials that measured so much; the statement asks for more than 1. */
function findingOf(drops: readonly number[]): BearingFinding {
  const results = drops.map((drop, seed) => ({
    ...{ arm: 'layer', seed, outcome: 'trained' as const, metrics: { drop } },
  }))
  const record = recordOf(constant, 'short', 'abc', results, { versions: {}, commits: ['0123456789ab'] })
  return { ...record.findings.drops!, record: { ...record, date: '2026-11-23' }, bearing: 'supports' }
}

const originOf = (weight: string): string =>
  `[E8, 2026-11-23, 0123456789ab, short form only${weight}; reproduce: residua claims run E8 --short]`
const originZhOf = (weight: string): string =>
  `[E8，2026-11-23，0123456789ab，仅简短形式${weight}；复现：residua claims run E8 --short]`

test.each<[readonly number[], string, string, string, string]>([
  [
    [2, 2.1, 1.9],
    'It drops — holds (small effect). The mean',
    '它会下降——成立（小效应）。',
    ', speaks for it',
    '，支持',
  ],
  [
    [0, 0.1, -0.1],
    'It drops — does not hold (small effect). The mean',
    '它会下降——不成立（小效应）。',
    ', speaks against it',
    '，反对',
  ],
  [[0.9, 1, 1.2], 'It drops — not decided (inconclusive). The mean', '它会下降——未能判定（尚无定论）。', '', ''],
])('a statement and what it came to are one sentence: %j', (drops, en, zh, weight, weightZh) => {
  const finding = findingOf(drops)
  const [english, chinese] = [findingText(finding, 'en'), findingText(finding, 'zh')]
  expect([english.slice(0, en.length), chinese.slice(0, zh.length)]).toEqual([en, zh])
  expect([english.endsWith(originOf(weight)), chinese.endsWith(originZhOf(weightZh))]).toEqual([true, true])
})

test('how a claim stands has the brackets of its language', () => {
  const sides = { for: 'exact', against: null } as const
  const standing = { standing: 'supported', strength: 'exact', form: 'short', sides } as const
  expect(standingText(standing, 'en')).toBe('supported (exact, short form only)')
  expect(standingText(standing, 'zh')).toBe('得到支持（精确，仅简短形式）')
  const divided = { standing: 'divided', strength: 'small effect', form: 'full' } as const
  const both = { for: 'exact', against: 'small effect' } as const
  expect(standingText({ ...divided, sides: both }, 'en')).toMatch(/\(for: exact, against: small effect\)$/)
  expect(standingText({ ...divided, sides: both }, 'zh')).toMatch(/（支持：精确，反对：小效应）$/)
})
