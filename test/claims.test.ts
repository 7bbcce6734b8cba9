import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claims } from '../src/lab/claims/claims.ts'
import { experiments as catalogue } from '../src/lab/claims/experiments.ts'
import type { Experiment } from '../src/lab/experiment/experiment.ts'
import { checkRecord, type ExperimentRecord } from '../src/lab/experiment/record.ts'
import { ownRecords, readRecords } from '../src/lab/experiment/records.ts'
import { runProgram } from './run-program.ts'

const root = resolve(import.meta.dirname, '..')

/** Experiments of seconds whose verdicts no seed changes: they are run here, whole. */
const settled = ['E1', 'E5', 'E7', 'E10', 'E31']

let folder: string
let modules: Readonly<Record<string, () => Promise<{ readonly default: Experiment }>>>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'residua-claims-'))
  const built = pathToFileURL(join(root, 'dist/experiments/index.js')).href
  modules = ((await import(built)) as { experiments: typeof modules }).experiments
})
afterAll(() => rmSync(folder, { recursive: true }))

const stored = readRecords(ownRecords)
const decisions = ({ findings }: ExperimentRecord): object =>
  Object.fromEntries(Object.entries(findings).map(([name, { verdict }]) => [name, [verdict.holds, verdict.strength]]))

test.each(settled)('%s comes to the verdicts that the book holds', { timeout: 240_000 }, async (id) => {
  const { stdout } = await runProgram(folder, 'claims', 'run', id, '--quiet', '--json', '--folder', folder)
  const record = JSON.parse(stdout) as ExperimentRecord
  const kept = stored.find(({ experiment }) => experiment === id)!
  expect(decisions(record)).toEqual(decisions(kept))
  expect(Object.values(record.findings).every(({ verdict }) => verdict.holds)).toBe(true)
})

describe('the claim book', () => {
  test('has stored verdicts that follow from the stored results, by rules as they are now', async () => {
    expect(stored.flatMap(checkRecord)).toEqual([])
    const { stdout } = await runProgram(folder, 'claims', 'check', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ records: stored.length, wrong: [] })
  })

  test('has an experiment under the id that its file says', async () => {
    const known = catalogue.map(({ id }) => id)
    for (const [id, load] of Object.entries(modules)) {
      expect(known).toContain(id)
      expect((await load()).default.id).toBe(id)
    }
  })

  test('has no record without its experiment, and no claim of an experiment that bears on none of it', async () => {
    for (const { experiment } of stored) expect(Object.keys(modules)).toContain(experiment)
    const bearing = new Map<string, Set<number>>()
    for (const [id, load] of Object.entries(modules)) {
      const { statements } = (await load()).default
      bearing.set(
        id,
        new Set(Object.values(statements).flatMap((statement) => Object.keys(statement.claims ?? {}).map(Number))),
      )
    }
    const unanswered = claims.flatMap(({ id, experiments }) =>
      experiments
        .map((name) => name.replace(/[a-z]$/, ''))
        .filter((name) => bearing.has(name) && !bearing.get(name)!.has(id))
        .map((name) => `${name} says nothing of claim ${id}`),
    )
    expect(unanswered).toEqual([])
  })
})
