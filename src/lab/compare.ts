import { OptionError } from '../errors.ts'
import type { Json, JsonObject } from '../files/json.ts'
import type { RunState } from '../train/files/run-folder.ts'
import { type Difference, differences } from './compare-differences.ts'
import { directionOf, divergence, type StoredRun } from './run-report-data.ts'
import type { Better } from './statistics/run-result.ts'

/** One run of a comparison. */
export interface ComparedRun {
  readonly name: string
  readonly folder: string
  readonly state: RunState
  readonly step: number
  readonly diverged: { readonly step: number; readonly path: string } | null
}

/** A figure of every run; null where a run has none of that name. */
export interface ComparedFigure {
  readonly name: string
  /** Null where it is not known. */
  readonly better: Better | null
  readonly values: readonly (number | null)[]
  /** Less the baseline's. */
  readonly deltas: readonly (number | null)[]
}

/** Runs side by side, as plain JSON; the first is the baseline. */
export interface Comparison {
  readonly runs: readonly ComparedRun[]
  /** Packages of different versions. */
  readonly versions: readonly Difference[]
  /** What tells that they saw different data, or lose by another loss. */
  readonly data: readonly Difference[]
  /** The settings that differ, and no others. */
  readonly settings: readonly Difference[]
  readonly figures: readonly ComparedFigure[]
}

/** The settings that say on which data, and by which loss, a run is measured. */
const ofData = ['train', 'evaluate', 'inputs', 'targets', 'text', 'loss', 'crossEntropy']

const dataOf = ({ settings, note: { table, text } }: StoredRun): JsonObject => ({
  ...Object.fromEntries(Object.entries(settings).filter(([name]) => ofData.includes(name))),
  ...(table ? { table } : {}),
  ...(text ? { tokens: text } : {}),
})

const othersOf = ({ settings }: StoredRun): JsonObject =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !ofData.includes(name)))

function figuresOf(runs: readonly StoredRun[]): ComparedFigure[] {
  const names = [...new Set(runs.flatMap(({ figures }) => Object.keys(figures)))]
  return names.map((name) => {
    const values = runs.map(({ figures }) => figures[name] ?? null)
    const [baseline] = values
    const deltas = values.map((value) => (value === null || baseline == null ? null : value - baseline))
    const owner = runs.find(({ figures }) => name in figures)!
    return { name, better: directionOf(name, owner), values, deltas }
  })
}

/** The last parts of the folders, or the whole ones where two end alike. */
export function runNames(runs: readonly StoredRun[]): string[] {
  const alone = new Set(runs.map(({ name }) => name)).size === runs.length
  return runs.map(({ name, folder }) => (alone ? name : folder))
}

/**
 * Holds runs against the first of them: settings that differ, final figures with their deltas, and whether versions, data
 * or loss differ, which makes figures incomparable.
 *
 * Throws OptionError for fewer than two runs, or one that is named twice.
 */
export function compareRuns(runs: readonly StoredRun[]): Comparison {
  if (runs.length < 2)
    throw new OptionError(`compare: expected at least two run folders, got ${runs.length}. Name the baseline first`)
  const twice = runs.find(({ folder }, i) => runs.findIndex((other) => other.folder === folder) < i)
  if (twice) throw new OptionError(`compare: expected different runs, got ${twice.folder} twice. Leave one out`)
  const names = runNames(runs)
  const over = (of: (run: StoredRun) => Json): Difference[] => differences(runs.map(of))
  return {
    runs: runs.map((run, i) => ({
      ...{ name: names[i]!, folder: run.folder, state: run.record.state, step: run.step, diverged: divergence(run) },
    })),
    versions: over(({ record }) => record.versions),
    data: over(dataOf),
    settings: over(othersOf),
    figures: figuresOf(runs),
  }
}
