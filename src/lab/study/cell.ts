import { existsSync } from 'node:fs'
import { messageOf, OptionError, ShapeError } from '../../errors.ts'
import { displayedNumber } from '../../files/json.ts'
import { trace } from '../../graph/scope.ts'
import { compile } from '../../train/compile.ts'
import { runPaths } from '../../train/files/paths.ts'
import { readRun } from '../../train/files/run-folder.ts'
import { classEntropy } from '../../train/plateau.ts'
import type { RunOutcome } from '../statistics/run-result.ts'
import { optimizerOf, type Setting } from './setting.ts'
import type { Task, TaskData } from './task.ts'

/** What a cell has come to. */
export interface Outcome {
  readonly state: RunOutcome
  /** Updates done. */
  readonly step: number
  /** Loss of the last step's batch; null where it was not finite. */
  readonly trainLoss: number | null
  /** Loss and metrics on the test data after the last step; empty where it diverged. */
  readonly metrics: Readonly<Record<string, number>>
}

export interface CellOptions {
  /** The run folder of the cell; what it holds already is gone on with. */
  readonly folder: string
  readonly threads: number
  /** Steps between two measurements of the probes; 0 for none. */
  readonly probeEvery: number
  readonly signal?: AbortSignal
  /** Told the step and the number of steps, now and then. */
  readonly onStep?: (step: number) => void
}

/** How near the entropy of the answers a loss counts as one that looks at no input, nats. */
const nearness = 0.05

/** Why a setting cannot be trained, or null. */
export function refusal(task: Task, setting: Pick<Setting, 'options' | 'wiring'>, data: TaskData): string | null {
  try {
    const { dtype, shape } = data.train.inputs
    trace(task.net(setting.options, setting.wiring, data), dtype, [2, ...shape])
    return null
  } catch (error) {
    if (error instanceof OptionError || error instanceof ShapeError) return messageOf(error)
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
      if (event.type === 'step') onStep?.(event.step)
      if (event.type === 'diverged') return { state: 'diverged', step: event.step, trainLoss: null, metrics: {} }
      if (event.type === 'end' && event.reason === 'cancelled') return null
    }
    const trainLoss = displayedNumber(readRun(folder).summary?.trainLoss) ?? null
    const metrics = await model.evaluate(data.test)
    const level = classEntropy(data.train)
    const finite = Object.values(metrics).every(Number.isFinite)
    const stuck = level !== null && Math.abs(metrics.loss - level) < nearness
    const state = finite ? (stuck ? 'plateaued' : 'trained') : 'diverged'
    return { state, step: model.step, trainLoss, metrics: finite ? metrics : {} }
  } finally {
    await model.close()
  }
}
