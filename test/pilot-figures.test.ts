import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { comparePilots } from '../src/lab/claims/pilot-comparison.ts'
import { pilotFigures } from '../src/lab/claims/pilot-figures.ts'
import { armsOf, type Experiment } from '../src/lab/experiment/experiment.ts'
import type { ExperimentRecord } from '../src/lab/experiment/record.ts'
import { ownRecords, readRecords } from '../src/lab/experiment/records.ts'
import type { RunResult } from '../src/lab/statistics/run-result.ts'

const root = resolve(import.meta.dirname, '..')
const records = readRecords(ownRecords)

let experiments: ReadonlyMap<string, Experiment>
beforeAll(async () => {
  const { experiments: modules } = (await import(pathToFileURL(join(root, 'dist/experiments/index.js')).href)) as {
    experiments: Record<string, () => Promise<{ default: Experiment }>>
  }
  const ids = [...new Set(pilotFigures.map(({ experiment }) => experiment))]
  experiments = new Map(await Promise.all(ids.map(async (id) => [id, (await modules[id]!()).default] as const)))
}, 60_000)

/** The metrics that an experiment's record has, or its file names; anything where it fills something in. */
function metricsOf({ id, file }: Experiment): RegExp[] {
  const results = records.filter(({ experiment }) => experiment === id).flatMap((record) => record.results)
  const code = readFileSync(join(root, 'experiments', basename(file).replace(/\.js$/, '.ts')), 'utf8')
  const named = [...code.matchAll(/'([^'\n]+)'|`([^`\n]+)`/g)].map(([, quoted, template]) => quoted ?? template!)
  return [...new Set([...results.flatMap(({ metrics }) => Object.keys(metrics)), ...named])].map((name) => {
    const parts = name.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.+')}$`)
  })
}

test.each(pilotFigures.map((set) => [set.experiment, set] as const))(
  'every arm, metric and learning rate beside a figure of the pilots is of the full form of %s',
  (id, { lines, learningRate }) => {
    const experiment = experiments.get(id)!
    const arms = armsOf(experiment, 'full')
    const metrics = metricsOf(experiment)
    for (const { arm, metric, minus } of lines.flat()) {
      expect(arms).toContain(arm)
      for (const name of [metric, minus ?? metric])
        expect([name, metrics.some((known) => known.test(name))]).toEqual([name, true])
    }
    if (learningRate !== undefined) expect(experiment.full.learningRates).toContain(learningRate)
  },
)

test('every figure of the pilots is finite, ranges ascend, and no two stand for the same cell of a set', () => {
  for (const { lines, noise } of pilotFigures) {
    const figures = [...new Set(lines.flat())]
    expect(noise).toBeGreaterThan(0)
    for (const { pilot } of figures) {
      const range = [pilot].flat()
      expect(range.every(Number.isFinite)).toBe(true)
      expect(range).toEqual(range.toSorted((a, b) => a - b))
    }
    const cells = figures.map(({ arm, metric, minus }) => JSON.stringify([arm, metric, minus]))
    expect(new Set(cells).size).toBe(cells.length)
  }
})

/** A record of the full form in which every figure of the pilots comes out, give or take a millionth. */
function asPiloted({ id, full }: Experiment): ExperimentRecord {
  const sets = pilotFigures.filter(({ experiment }) => experiment === id)
  const results = (full.learningRates ?? [undefined]).flatMap((rate) => {
    const own = sets.filter(({ learningRate }) => learningRate === rate)
    const figures = [...sets.filter(({ learningRate }) => learningRate === undefined), ...own].flatMap(({ lines }) =>
      lines.flat(),
    )
    return [...new Set(figures.map(({ arm }) => arm))].flatMap((arm, i) =>
      Array.from({ length: full.seeds }, (_, seed): RunResult => {
        const metrics = figures
          .filter((figure) => figure.arm === arm)
          .flatMap(({ metric, minus, pilot }, j) => {
            const value = [pilot]
              .flat()
              .reduce((sum, x, _i, { length }) => sum + x / length, 1e-6 * (1 + i + j / 100) * seed ** 2)
            return minus === undefined
              ? [[metric, value] as const]
              : ([
                  [metric, 1],
                  [minus, 1 - value],
                ] as const)
          })
        const trial = { arm, seed, outcome: 'trained', metrics: Object.fromEntries(metrics) } as const
        return rate === undefined ? trial : { ...trial, learningRate: rate }
      }),
    )
  })
  return {
    ...{ format: 1, experiment: id, form: 'full', date: '2026-11-23', commit: null, source: '', machine: '' },
    ...{ versions: {}, findings: {}, results, digest: '' },
  }
}

test('a record in which the figures of the pilots come out agrees with them in every pair and sign', () => {
  for (const experiment of experiments.values()) {
    const compared = comparePilots(asPiloted(experiment))
    expect(compared.map(({ set }) => set)).toEqual(pilotFigures.filter((set) => set.experiment === experiment.id))
    for (const { set, pairs, signs } of compared)
      for (const { rows, agreement } of [...pairs, ...signs])
        expect([experiment.id, set.what.en, ...rows.map(({ name }) => name), agreement]).toContain('same')
  }
})
