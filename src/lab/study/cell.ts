import { existsSync } from 'node:fs'
import { GraphError, OptionError, ShapeError } from '../../errors.ts'
import { displayedNumber } from '../../files/json.ts'
import { trace } from '../../graph/scope.ts'
import { compile } from '../../train/compile.ts'
import { runPaths } from '../../train/files/paths.ts'
import { readRun } from '../../train/files/run-folder.ts'
import type { Model } from '../../train/model.ts'
import { classEntropy } from '../../train/plateau.ts'
import { dataOf, type Job, type JobOptions } from './pool.ts'
import { cellId, optimizerOf, type Setting } from './setting.ts'
import type { Outcome } from './store.ts'
import type { Task, TaskData } from './task.ts'

export interface CellOptions extends JobOptions {
  /** Steps between two measurements of the probes; 0 for none. */
  readonly probeEvery: number
}

/** From how far below the entropy of the answers, nats, a loss may come of looking at the input. */
const nearness = 0.05

/** From how far above chance an accuracy must. */
const seen = 0.05

/** The end of a training: how it went, and what is measured on the test data. */
export async function measureEnd(
  model: Model,
  { train, test, measures }: TaskData,
): Promise<Pick<Outcome, 'state' | 'metrics'>> {
  const metrics = await model.evaluate(test)
  if (!Object.values(metrics).every(Number.isFinite)) return { state: 'diverged', metrics: {} }
  const level = classEntropy(train)
  const accuracy: number | undefined = metrics.accuracy
  const looks = accuracy !== undefined && accuracy > (measures.accuracy?.chance ?? Infinity) + seen
  const stuck = level !== null && metrics.loss > level - nearness && !looks
  return { state: stuck ? 'plateaued' : 'trained', metrics }
}

/** Why a setting cannot be trained, or null. */
export function refusal(task: Task, setting: Pick<Setting, 'options' | 'wiring'>, data: TaskData): string | null {
  try {
    const { dtype, shape } = data.train.inputs
    trace(task.net(setting.options, setting.wiring, data), dtype, [2, ...shape])
    return null
  } catch (error) {
    if (error instanceof OptionError || error instanceof ShapeError || error instanceof GraphError) return error.message
    throw error
  }
}

/**
 * Trains a cell to its end and measures it; null where `signal` ended it before. A cell that was interrupted goes on where
 * its run folder says, and comes to the same outcome, bit for bit.
 */
export async function runCell(
  task: Task,
  data: TaskData,
  setting: Setting,
  options: CellOptions,
): Promise<Outcome | null> {
  const { folder, threads, probeEvery, signal, onStep } = options
  const model = await compile<string>(task.net(setting.options, setting.wiring, data), {
    train: data.train,
    loss: task.loss,
    optimizer: optimizerOf(setting),
    metrics: task.metrics,
    seed: setting.seed,
    threads,
  })
  try {
    const { steps, batchSize } = setting
    const resume = existsSync(runPaths(folder).run)
    const training = {
      run: folder,
      resume,
      steps,
      batchSize,
      probeEvery,
      checkpointEvery: Math.max(50, steps),
      runAhead: true,
    }
    for await (const event of model.train({ ...training, ...(signal && { signal }) })) {
      if (event.type === 'step') onStep(event.step)
      if (event.type === 'diverged') return { state: 'diverged', step: event.step, trainLoss: null, metrics: {} }
      if (event.type === 'end' && event.reason === 'cancelled') return null
    }
    const trainLoss = displayedNumber(readRun(folder).summary?.trainLoss) ?? null
    return { ...(await measureEnd(model, data)), step: model.step, trainLoss }
  } finally {
    await model.close()
  }
}

/** The cells of a study as work: each is trained in a run folder of its own. */
export function cellJobs(task: Task, settings: readonly Setting[], probeEvery: number): Job<Setting>[] {
  const open = dataOf(task)
  return settings.map((setting) => ({
    id: cellId(setting),
    setting,
    run: async (options) => runCell(task, await open(setting.options), setting, { ...options, probeEvery }),
  }))
}
