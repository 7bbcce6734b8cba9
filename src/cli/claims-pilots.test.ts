import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import type { Language } from '../lab/claims/claim.ts'
import { pilotJson, pilotSummaries, pilotTables } from '../lab/claims/pilot-summary.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { testFolder } from '../lab/run-report.test-kit.ts'
import { claimsCommand } from './claims.ts'
import * as modules from './experiments.ts'

vi.spyOn(modules, 'experimentWith').mockResolvedValue(null)

const summaries = pilotSummaries(readRecords(ownRecords))
const ofE3 = summaries.find(({ experiment }) => experiment === 'E3')!
const folder = testFolder()
const shown = async (...args: string[]): Promise<string> => (await runCommand(claimsCommand(), args)).out
const asWritten = (value: object): object => JSON.parse(JSON.stringify(value)) as object

test.each<Language>(['en', 'zh'])(
  'an experiment, its claims and the book stand beside the pilots in %s',
  async (lang) => {
    const experiment = await shown('E3', '--lang', lang)
    for (const { caption } of pilotTables(ofE3, lang)) expect(experiment).toContain(`\n${caption}\n`)
    expect(experiment.endsWith(`\n${ofE3.sentence[lang]}\n`)).toBe(true)
    expect(await shown('9', '--lang', lang)).toContain(`\n${ofE3.counts[lang]}\n`)
    const path = join(folder, `${lang}.md`)
    await shown('--lang', lang, '--out', path)
    const book = readFileSync(path, 'utf8')
    for (const { sentence } of summaries) expect(book).toContain(`\n${sentence[lang]}\n`)
    expect(book).toContain(`\n- ${ofE3.counts[lang]}\n`)
  },
)

test('an experiment and its claims have the pilots in JSON', async () => {
  expect(JSON.parse(await shown('E3', '--json'))).toMatchObject({ pilots: asWritten(pilotJson(ofE3)) })
  expect(JSON.parse(await shown('E7', '--json'))).not.toHaveProperty('pilots')
  const claim = JSON.parse(await shown('12', '--json')) as { readonly pilots: readonly object[] }
  expect(claim.pilots).toEqual([asWritten({ experiment: 'E3', counts: ofE3.counts })])
})
