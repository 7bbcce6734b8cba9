import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jsonHash } from '../../files/json.ts'
import { random } from '../../random.ts'
import { claimOf } from '../claims/look-up.ts'
import { standingOf } from '../claims/standing.ts'
import type { CellResult } from '../study/store.ts'
import { spiral } from '../tasks/index.ts'
import type { DifferenceRule, Rule } from '../verdict/rule.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { experiment, type ExperimentOptions, type Size } from './experiment.ts'
import { changesSince, checkRecord, type ExperimentRecord, readRecord } from './record.ts'
import { readRecords, recordPath } from './records.ts'
import { runExperiment } from './run.ts'
import { sourceOf } from './source.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-experiment-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Shift {
  readonly shift: number
}

/** Values round a level of the arm. */
const noisy: ExperimentOptions<Shift, Size> = {
  id: 'E8',
  file: import.meta.url,
  minutes: { full: 1, short: 1 },
  arms: { none: { shift: 0.5 }, layer: { shift: 0 } },
  full: { seeds: 5 },
  short: { seeds: 3 },
  measure: ({ shift }, { seed }) => ({ drop: shift + 0.1 * random(seed, `noise ${shift}`).uniform() }),
  statements: {
    steady: {
      says: { en: 'Layer norm drops less.', zh: '层归一化下降较少。' },
      rule: {
        kind: 'difference',
        arms: ['layer', 'none'],
        metric: 'drop',
        better: 'lower',
        smallest: 0.01,
        large: 0.2,
      },
      claims: { 37: 'refutes' },
    },
  },
}

const keep = (record: ExperimentRecord): string => {
  const path = recordPath(folder, record.experiment)
  writeFileSync(path, JSON.stringify(record))
  return path
}

describe('an experiment', () => {
  test('runs every arm at every seed, judges, and is kept so that it can be judged again', async () => {
    const record = await runExperiment(experiment(noisy), { folder: join(folder, 'run') })
    expect(record.results).toHaveLength(10)
    expect(record.findings.steady!.verdict).toMatchObject({ holds: true, strength: 'large effect' })
    const read = readRecord(keep(record))
    expect(read).toEqual(JSON.parse(JSON.stringify(record)))
    expect(checkRecord(read)).toEqual([])
    expect(standingOf(claimOf(37), readRecords(folder))).toMatchObject({ standing: 'refuted', form: 'full' })
    expect(standingOf(claimOf(36), readRecords(folder)).standing).toBe('not run')
  })

  test('that was stopped goes on with what is there; more seeds keep those that were run', async () => {
    let measured = 0
    const counted = experiment({ ...noisy, measure: (arm: Shift, trial) => (measured++, noisy.measure(arm, trial)) })
    const stop = new AbortController()
    const stopped = runExperiment(counted, {
      ...{ folder: join(folder, 'run'), workers: 1, signal: stop.signal },
      onEvent: (event) => {
        if (event.type === 'end' && measured === 4) stop.abort()
      },
    })
    await expect(stopped).rejects.toThrow(/6 of 10 trials are missing\. Run it again with the same folder/)
    const whole = await runExperiment(counted, { folder: join(folder, 'run') })
    expect(measured).toBe(10)
    const other = await runExperiment(counted, { folder: join(folder, 'other') })
    expect(whole.findings).toEqual(other.findings)
  })

  test('is recorded with the versions that its trials were made by', async () => {
    const run = { folder: join(folder, 'run') }
    await runExperiment(experiment(noisy), run)
    const results = join(run.folder, 'results')
    for (const path of readdirSync(results).map((name) => join(results, name))) {
      const {
        digest: _,
        format,
        ...result
      } = JSON.parse(readFileSync(path, 'utf8')) as CellResult & {
        readonly digest: string
        readonly format: number
      }
      const older = { ...result, versions: { residua: '0.0.1' } }
      writeFileSync(path, JSON.stringify({ format, ...older, digest: jsonHash(older, path) }))
    }
    expect((await runExperiment(experiment(noisy), run)).versions).toEqual({ residua: '0.0.1' })
  })

  test('keeps the verdicts on other statements where one cannot be judged', async () => {
    const { steady } = noisy.statements
    const rule = { kind: 'identity', metric: 'absent', equals: 0, tolerance: 0 } as const
    const record = await runExperiment(
      experiment({ ...noisy, statements: { steady: steady!, absent: { says: steady!.says, rule } } }),
      { folder: join(folder, 'run') },
    )
    expect(record.findings.steady!.verdict.holds).toBe(true)
    expect(record.findings.absent!.verdict).toMatchObject({ holds: null, strength: 'inconclusive' })
    expect(record.findings.absent!.verdict.sentence.en).toMatch(/^It cannot be judged: .*a finite absent/)
    expect(checkRecord(record)).toEqual([])
  })

  test('says which trial failed, and takes no folder of another experiment or form', async () => {
    const failing = experiment({
      ...noisy,
      measure: ({ shift }: Shift, { seed }) => {
        if (shift === 0 && seed === 2) throw new Error('no such digit')
        return { drop: 1 }
      },
    })
    const run = { folder: join(folder, 'run') }
    await expect(runExperiment(failing, run)).rejects.toThrow(/1 of 10 trials .*layer, seed 2: no such digit/)
    await expect(runExperiment(experiment(noisy), { ...run, form: 'short' })).rejects.toThrow(
      /holds trials of another form \("full", not "short"\)/,
    )
  })

  test('trains tasks with the seed of the trial, and a divergence is a result', async () => {
    const task = spiral({ depth: 2, width: 8 })
    const trained = experiment({
      ...noisy,
      full: { seeds: 1, learningRates: [1e-2] },
      arms: { none: { skip: 'none' }, layer: { skip: 'identity' } },
      async measure(arm: object, trial) {
        const { state, metrics, events } = await trial.train(task, arm, { steps: 5 })
        return { state, metrics: { ...metrics, steps: events.length, first: events[0]!.loss } }
      },
      statements: {
        steps: {
          says: { en: 'Five steps.', zh: '五步。' },
          rule: { kind: 'identity', metric: 'steps', equals: 5, tolerance: 0 },
        },
      },
    })
    const record = await runExperiment(trained, { folder: join(folder, 'a') })
    const again = await runExperiment(trained, { folder: join(folder, 'b') })
    expect(record.findings.steps!.verdict.holds).toBe(true)
    expect(record.results).toEqual(again.results)
    expect(record.results.map(({ metrics }) => Number.isFinite(metrics.accuracy))).toEqual([true, true])
  })

  test.each<[string, Partial<typeof noisy>, RegExp]>([
    ['that is not in the catalogue', { id: 'E99' }, /unknown name 'E99'/],
    ['a rule on an arm that is not there', { arms: { none: { shift: 1 } } }, /unknown name 'layer'/],
    [
      'a claim that does not name it',
      { statements: { a: { ...noisy.statements.steady!, claims: { 1: 'supports' } } } },
      /claim 1 names E3, E12, E22, not E8/,
    ],
    ['no seed', { short: { seeds: 0 } }, /short: seeds must be a whole number of at least 1/],
  ])('is refused: %s', (_, change, message) => {
    expect(() => experiment({ ...noisy, ...change })).toThrow(message)
  })
})

describe('a record', () => {
  const made = (): Promise<ExperimentRecord> => runExperiment(experiment(noisy), { folder: join(folder, 'run') })

  test('that was edited, is of a newer version, or is something else is refused', async () => {
    const record = await made()
    const [first, ...others] = record.results
    const edited = { ...record, results: [{ ...first!, metrics: { drop: 0 } }, ...others] }
    expect(() => readRecord(keep(edited))).toThrow(/digest does not match/)
    expect(() => readRecord(keep({ ...record, format: 2 as 1 }))).toThrow(
      /newer version \(format 2, this one reads 1\)/,
    )
    expect(() => readRecord(keep({ ...record, form: 'long' as 'full' }))).toThrow(/"form"/)
    expect(() => readRecord(keep({ ...record, date: '\u001B[2J' }))).toThrow(/"date".*control characters/)
    const { steady } = record.findings
    const empty = { steady: { ...steady!, verdict: {} as Verdict } }
    expect(() => readRecord(keep({ ...record, findings: empty }))).toThrow(/verdict/)
  })

  test('under the name of another experiment is refused: it would count twice', async () => {
    const record = await made()
    writeFileSync(recordPath(folder, 'E9'), JSON.stringify(record))
    expect(() => readRecords(folder)).toThrow(/E9\.json: it is the record of E8/)
  })

  test('whose verdict does not follow from its results is found out; so is a rule that was changed after the run', async () => {
    const record = await made()
    const { steady } = record.findings
    const turned = { ...steady!.verdict, holds: false }
    expect(checkRecord({ ...record, findings: { steady: { ...steady!, verdict: turned } } })).toEqual([
      {
        en: expect.stringMatching(
          /^E8: steady: stored is '.*' \(does not hold, large effect\), its results say '.*' \(holds, large effect\)$/,
        ) as string,
        zh: expect.stringMatching(
          /^E8：steady：存储的是“.*”（不成立，大效应），其结果却是“.*”（成立，大效应）$/,
        ) as string,
      },
    ])
    const praised = { ...steady!.verdict, sentence: { ...steady!.verdict.sentence, zh: '很好' } }
    expect(checkRecord({ ...record, findings: { steady: { ...steady!, verdict: praised } } })).toHaveLength(1)
    const scaled = (by: number): ExperimentRecord => {
      const evidence = steady!.verdict.evidence.map((one) => ({
        ...one,
        band: { ...one.band, estimate: one.band.estimate * by },
      }))
      return { ...record, findings: { steady: { ...steady!, verdict: { ...steady!.verdict, evidence } } } }
    }
    expect(checkRecord(scaled(1 + 1e-12))).toEqual([])
    expect(checkRecord(scaled(1.01))).toEqual([
      {
        en: 'E8: steady: the verdict follows from its results, what is stored with it does not (evidence)',
        zh: 'E8：steady：结论由其结果得出，但与之一同存储的内容不符（evidence）',
      },
    ])
    const others = { against: [{ en: 'few', zh: '少' }], wouldChange: { en: 'luck', zh: '运气' }, more: 7 }
    const padded = { ...steady!.verdict, ...others }
    expect(checkRecord({ ...record, findings: { steady: { ...steady!, verdict: padded } } })[0]!.en).toMatch(
      /does not \(against, wouldChange, more\)$/,
    )
    const now = experiment(noisy)
    const same = { changed: false, rules: [], bearings: [], missing: [] }
    expect(changesSince(record, now, sourceOf(now))).toEqual(same)
    const laxer: Rule = { ...(noisy.statements.steady!.rule as DifferenceRule), smallest: 0.001 }
    const changed = experiment({ ...noisy, statements: { steady: { ...noisy.statements.steady!, rule: laxer } } })
    expect(changesSince(record, changed, 'other')).toEqual({ ...same, changed: true, rules: ['steady'] })
    const praising = { ...steady!, claims: { 37: 'supports' } } as const
    expect(changesSince({ ...record, findings: { steady: praising } }, now, sourceOf(now)).bearings).toEqual(['steady'])
    expect(changesSince({ ...record, findings: {} }, now, sourceOf(now)).missing).toEqual(['steady'])
  })
})
