import { DataError, OptionError } from '../../errors.ts'
import { exactJson } from '../../files/json.ts'
import { type Verdict, verdictText } from '../verdict/verdict.ts'
import { directoryStore } from './directory-store.ts'
import { cellsOf, needSamePlan, type Plan, planJson, planStudy, type StudyOptions } from './plan.ts'
import { cellJobs } from './cell.ts'
import { type CellEvent, type PoolOptions, finishJobs } from './pool.ts'
import type { Store } from './store.ts'
import { summarise, type Summary } from './summary.ts'

export interface RunStudyOptions extends PoolOptions {
  /** Where plan, cells and results are; what is there already is kept. */
  readonly folder: string
}

/** A verdict in the language of its reader. */
export interface StudyVerdict extends Omit<Verdict, 'sentence' | 'advice'> {
  /** What was found, and what to do. */
  readonly sentence: string
  readonly sentenceZh: string
}

export interface StudyResult {
  readonly plan: Plan
  readonly summary: Summary
  readonly verdict: StudyVerdict
}

/** A study: arms on one task, at several learning rates and seeds, and the rule that decides. */
export interface Study {
  readonly options: StudyOptions
  /** The plan: every arm resolved and traced. */
  plan(): Promise<Plan>
  /**
   * Runs what has no result yet, and judges. Throws OptionError where the folder holds another study or cells are
   * missing at the end (stopped or failed).
   */
  run(options: RunStudyOptions): Promise<StudyResult>
  /** What the results in a folder say so far. */
  summary(folder: string): Promise<Summary>
}

/** Writes the plan before anything runs, or holds it against the one that is there. */
function begin(store: Store, plan: Plan, folder: string): void {
  const stored = store.plan()
  if (stored !== null) needSamePlan(stored, plan, folder)
  store.writePlan(planJson(plan))
}

/**
 * A study with paired seeds: the same data order everywhere, and the same initial values wherever paths and shapes agree.
 *
 * Nothing is run before its plan is written; the rule that decides is part of it. Cells are known by the hash of their
 * resolved setting, so that a study goes on where it was stopped and two spellings of one net are one arm.
 */
export function study(options: StudyOptions): Study {
  let planned: Promise<Plan> | null = null
  const plan = (): Promise<Plan> => (planned ??= planStudy(options))
  return {
    options,
    plan,
    async summary(folder) {
      const resolved = await plan()
      const store = directoryStore(folder)
      const stored = store.plan()
      if (stored === null) throw new DataError(`${folder}: there is no study here; run it first`)
      needSamePlan(stored, resolved, folder)
      return summarise(resolved, store)
    },
    async run({ folder, onEvent, ...pool }) {
      const resolved = await plan()
      const store = directoryStore(folder)
      begin(store, resolved, folder)
      const failures: string[] = []
      const watch = (event: CellEvent): void => {
        if (event.type === 'failed') failures.push(`${event.id}: ${event.error.message}`)
        onEvent?.(event)
      }
      await finishJobs(cellJobs(options.task, cellsOf(resolved), resolved.probeEvery), store, {
        ...pool,
        onEvent: watch,
      })
      const summary = summarise(resolved, store)
      const { verdict, cells } = summary
      if (verdict === null) {
        const reason = failures.length > 0 ? `; failed: ${failures.join('; ')}` : ''
        throw new OptionError(
          `study: ${cells.total - cells.done} of ${cells.total} cells are missing${reason}. Run it again with the same folder to go on`,
        )
      }
      store.write('summary.json', exactJson(JSON.parse(JSON.stringify(summary)), 'summary'))
      const { sentence: _, advice: __, ...rest } = verdict
      const { en, zh } = verdictText(verdict)
      return { plan: resolved, summary, verdict: { ...rest, sentence: en, sentenceZh: zh } }
    },
  }
}
