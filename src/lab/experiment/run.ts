import { OptionError } from '../../errors.ts'
import { exactJson, jsonHash, type JsonObject } from '../../files/json.ts'
import type { RunResult } from '../statistics/run-result.ts'
import { directoryStore } from '../study/directory-store.ts'
import { originOf } from '../study/origin.ts'
import { type Job, type JobEvent, type PoolOptions, finishJobs } from '../study/pool.ts'
import type { CellResult, Outcome, Store } from '../study/store.ts'
import { armsOf, type Experiment, type Form, type Metrics } from './experiment.ts'
import { type ExperimentRecord, recordOf } from './record.ts'
import { sourceOf } from './source.ts'
import { trialOf } from './trial.ts'

/** What a trial is, with nothing left open: equal ones are one. */
export interface TrialSetting {
  readonly experiment: string
  /** Digest of the experiment's file and of what it imports from its folder. */
  readonly source: string
  readonly form: Form
  /** Without what only says how many trials there are. */
  readonly size: JsonObject
  readonly arm: string
  readonly factors: JsonObject
  readonly learningRate?: number
  readonly seed: number
}

export type TrialEvent = JobEvent<TrialSetting>

export interface RunExperimentOptions extends PoolOptions<TrialSetting> {
  /** Where plan and results are; what is there already is kept. */
  readonly folder: string
  /** Default 'full'. */
  readonly form?: Form
}

const isOutcome = (measured: Metrics | Outcome): measured is Outcome => typeof measured.metrics === 'object'

/** Every trial of a form, seeds outermost, so that what is done first is an experiment of fewer seeds. */
export function trialsOf(experiment: Experiment, form: Form, source: string = sourceOf(experiment)): TrialSetting[] {
  const { seeds, learningRates, arms: _, ...size } = experiment[form]
  const common = { experiment: experiment.id, source, form, size: { ...size } as JsonObject }
  return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    (learningRates ?? [undefined]).flatMap((learningRate) =>
      armsOf(experiment, form).map((arm) => ({
        ...{ ...common, arm, factors: experiment.arms[arm]!, seed },
        ...(learningRate === undefined ? {} : { learningRate }),
      })),
    ),
  )
}

const idOf = (setting: TrialSetting): string => jsonHash(setting, 'trial').slice(0, 16)

/** Throws OptionError where the folder holds results of another experiment, or of another version of this one. */
function begin(store: Store, plan: JsonObject, folder: string): void {
  const stored = store.plan()
  const differs = stored && Object.keys(plan).find((key) => JSON.stringify(stored[key]) !== JSON.stringify(plan[key]))
  if (differs)
    throw new OptionError(
      `${folder}: it holds trials of another ${differs === 'source' ? 'version of the experiment' : differs} (${JSON.stringify(stored[differs])}, not ${JSON.stringify(plan[differs])}). Choose another folder, or delete this one`,
    )
  store.writePlan(plan)
}

const resultOf = ({ arm, seed, learningRate }: TrialSetting, { outcome }: CellResult): RunResult => ({
  ...{ arm, seed, outcome: outcome.state, metrics: outcome.metrics },
  ...(learningRate === undefined ? {} : { learningRate }),
})

/**
 * Runs the trials of an experiment that have no result yet, and judges its statements. It may be stopped and gone on with,
 * and several processes may work in one folder.
 *
 * Throws OptionError where the folder holds something else, or trials are missing at the end (stopped or failed).
 */
export async function runExperiment(experiment: Experiment, options: RunExperimentOptions): Promise<ExperimentRecord> {
  const { folder, form = 'full', onEvent, workers, signal } = options
  const { id, measure, alone } = experiment
  const source = sourceOf(experiment)
  const settings = trialsOf(experiment, form, source)
  const store = directoryStore(folder)
  begin(store, { format: 1, experiment: id, form, source }, folder)
  const size = experiment[form]
  const jobs = settings.map((setting): Job<TrialSetting> => ({
    id: idOf(setting),
    setting,
    async run(job) {
      const { trial, close } = trialOf({ ...setting, size }, job)
      try {
        const measured = await measure(setting.factors, trial)
        return isOutcome(measured) ? measured : { state: 'trained', metrics: measured }
      } catch (error) {
        if (job.signal?.aborted) return null
        throw error
      } finally {
        await close()
      }
    },
  }))
  const failures: string[] = []
  await finishJobs(jobs, store, {
    ...(signal && { signal }),
    ...(alone ? { workers: 1 } : workers === undefined ? {} : { workers }),
    onEvent(event) {
      if (event.type === 'failed')
        failures.push(`${event.setting.arm}, seed ${event.setting.seed}: ${event.error.message}`)
      onEvent?.(event)
    },
  })
  const found = settings.map((setting) => ({ setting, result: store.result(idOf(setting)) }))
  const missing = found.filter(({ result }) => result === null).length
  if (missing > 0)
    throw new OptionError(
      `experiment ${id}: ${missing} of ${found.length} trials are missing${failures.length > 0 ? `; failed: ${failures.join('; ')}` : ''}. Run it again with the same folder to go on`,
    )
  const origin = originOf(
    found.map(({ result }) => result!),
    folder,
  )
  const results = found.map(({ setting, result }) => resultOf(setting, result!))
  const record = recordOf(experiment, form, source, results, origin)
  store.write('record.json', exactJson(JSON.parse(JSON.stringify(record)), 'record'))
  return record
}
