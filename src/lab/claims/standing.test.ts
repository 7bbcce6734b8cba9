import { expect, test } from 'vitest'
import { join } from 'node:path'
import { readRecords } from '../experiment/records.ts'
import { claimOf, experimentOf } from './look-up.ts'
import { standingText } from './finding-blocks.ts'
import { findingsOn, standingOf, weigh } from './standing.ts'

const records = readRecords(join(import.meta.dirname, '../../../results'))

test.each([30, 57, 72])('claim %i: its experiment was run, and no statement of it bears on the claim', (id) => {
  const silent = records.map((record) => ({ ...record, findings: {} }))
  const standing = standingOf(claimOf(id), silent)
  expect(standingText(standing, 'en')).toBe('run; no statement bears on it')
  expect(standingText(standing, 'zh')).toBe('已运行；没有陈述涉及此条')
  expect(standingOf(claimOf(id), []).standing).toBe('not run')
})

test('reading settles what an experiment can only inform', () => {
  const { standing, strength, findings } = standingOf(claimOf(69), records)
  expect([standing, strength]).toEqual(['by reading', null])
  expect(new Set(findings.map(({ record, bearing }) => `${record.experiment} ${bearing}`))).toEqual(
    new Set(['E9 informs']),
  )
  for (const id of [67, 68]) expect(standingOf(claimOf(id), records).standing).toBe('by reading')
})

test('a word that is no id gets no suggestion, a slip does', () => {
  expect(() => experimentOf('foo')).toThrow(/expected an id such as E7, got 'foo'\. Known: E1, E2/)
  expect(() => experimentOf('e9')).toThrow(/did you mean 'E9'/)
})

test('what the short form leaves out was not run; what only informs is never inconclusive', () => {
  const [record] = records.filter(({ experiment }) => experiment === 'E22')
  const bare = { ...record!, findings: {}, form: 'short' } as const
  expect(standingOf(claimOf(30), [bare]).standing).toBe('left out')
  expect(standingText(standingOf(claimOf(30), [bare]), 'zh')).toBe('未运行：简短形式不含此项')
  const [of] = findingsOn([record!], 'claims', 30)
  const open = { ...of!, verdict: { ...of!.verdict, holds: null, strength: 'inconclusive' } } as const
  expect(weigh([open])).toMatchObject({ standing: 'shown', strength: null })
  expect(weigh([{ ...open, bearing: 'supports' }])).toMatchObject({ standing: 'inconclusive', strength: null })
})

test('a claim that is divided is as firm as its weaker side', () => {
  const [of] = findingsOn(records, 'claims', 30)
  const [exact, small] = (['exact', 'small effect'] as const).map((strength) => ({
    ...of!,
    verdict: { ...of!.verdict, holds: true, strength },
  }))
  const found = weigh([
    { ...exact!, bearing: 'supports' },
    { ...small!, bearing: 'refutes' },
  ])
  const sides = { for: 'exact', against: 'small effect' }
  expect(found).toMatchObject({ standing: 'divided', strength: 'small effect', sides })
})
