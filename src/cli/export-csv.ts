/** Runs and studies as CSV. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { evaluations, readStoredRun } from '../lab/run-report-data.ts'
import { cellTable, type DataTable } from '../lab/study/export.ts'
import { readSeries } from '../lab/timeline.ts'
import { runPaths } from '../train/files/paths.ts'
import { readRun } from '../train/files/run-folder.ts'
import { csvLine } from './output.ts'

/** What a run measured, one row per step: what its training loop saw, then what evaluations found. */
function stepTable(folder: string): DataTable {
  const run = readStoredRun(folder)
  const { names, rows } = run.scalars
  const training = new Map(rows.map(({ step, time, values }) => [step, [time, ...values]]))
  const evaluated = [...evaluations(run)].map(([name, points]) => [name, new Map(points)] as const)
  const steps = [...new Set([...training.keys(), ...evaluated.flatMap(([, at]) => [...at.keys()])])]
  const unseen = ['time', ...names].map(() => null)
  return {
    columns: ['step', 'time', ...names, ...evaluated.map(([name]) => `evaluation.${name}`)],
    rows: steps
      .toSorted((a, b) => a - b)
      .map((step) => [step, ...(training.get(step) ?? unseen), ...evaluated.map(([, at]) => at.get(step) ?? null)]),
    missing: 0,
  }
}

/** The cells of a study, or the steps of a run. Throws DataError for another folder, and for one that is damaged. */
export function resultTable(folder: string): DataTable {
  if (existsSync(runPaths(folder).run)) return stepTable(folder)
  if (existsSync(join(folder, 'plan.json'))) return cellTable(folder)
  throw new DataError(
    `${folder}: expected the folder of a run (run.json) or of a study (plan.json), got neither. Check the path`,
  )
}

/** What the probes of a run recorded, the numbers behind its depth profiles and heatmaps, one value per row. */
export function probeTable(folder: string): DataTable {
  readRun(folder)
  const probed = readSeries(folder).series.filter(({ site }) => site !== '')
  if (probed.length === 0)
    throw new DataError(`${folder}: expected recorded probes, got none. Train it with --probe-every`)
  return {
    columns: ['step', 'site', 'probe', 'value'],
    rows: probed.flatMap(({ site, stat, points }) => points.map(([step, value]) => [step, site, stat, value])),
    missing: 0,
  }
}

/** A text as a cell that no spreadsheet takes for a formula: an apostrophe goes before `=`, `+`, `-`, `@`, tab and return. */
const textCell = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

/** A table as CSV (RFC 4180): numbers in full, nothing for null, and text that no spreadsheet takes for a formula. */
export const csvOf = ({ columns, rows }: DataTable): string =>
  [columns, ...rows]
    .map((row) => csvLine(row.map((cell) => (typeof cell === 'string' ? textCell(cell) : String(cell ?? '')))))
    .join('\n') + '\n'
