import type { Dataset } from '../../data/dataset.ts'
import { OptionError } from '../../errors.ts'
import type { Json } from '../../files/json.ts'
import type { Layer } from '../../graph/scope.ts'
import { compile, type CompileOptions } from '../../train/compile.ts'
import type { StepEvent } from '../../train/events.ts'
import type { Model } from '../../train/model.ts'
import type { Wiring } from '../../nn/wiring/wiring.ts'
import { measureEnd } from '../study/cell.ts'
import { dataOf, type JobOptions } from '../study/pool.ts'
import { optimizerOf, resolveArm, type Setting, type Training } from '../study/setting.ts'
import type { Outcome } from '../study/store.ts'
import type { Task, TaskData } from '../study/task.ts'
import type { Size } from './experiment.ts'

export interface TrainRequest {
  /** Updates; 0 measures the net as it is initialised. */
  readonly steps: number
  /** Default: the trial's. */
  readonly learningRate?: number
  /** What the arm says nothing of. */
  readonly wiring?: Wiring
  readonly training?: Training
  /** Examples per batch. Default: the task's. */
  readonly batchSize?: number
  /** Measured every `probeEvery` steps (default 1), see `compile`. */
  readonly probes?: NonNullable<CompileOptions['probes']>
  readonly probeEvery?: number
  /** Told every step; the training ends early where it returns false. */
  readonly onStep?: (event: StepEvent) => boolean | undefined
}

/** What a training has come to. */
export interface Trained extends Required<Pick<Outcome, 'state' | 'metrics'>> {
  /** Closed when the trial ends. */
  readonly model: Model
  readonly net: Layer
  readonly data: TaskData
  /** Every step, with its probes. */
  readonly events: readonly StepEvent[]
}

/** One trial of an arm: its seed, and what `measure` needs to do it. */
export interface Trial<S extends Size = Size> {
  /** Of the arm. */
  readonly name: string
  readonly seed: number
  /** Of the grid. Throws OptionError where the size has none. */
  readonly learningRate: number
  readonly size: S
  /** For engines. */
  readonly threads: number
  readonly signal: AbortSignal
  /** Trains a task under fields of wiring, training and options, as an arm of a study has them. */
  train(task: Task, factors: object, request: TrainRequest): Promise<Trained>
  /** Compiles a net of your own with the trial's seed and threads; it is closed when the trial ends. */
  compile<M extends string = never>(
    net: Layer,
    options: Omit<CompileOptions<M>, 'seed' | 'threads'> & { readonly train: Dataset },
  ): Promise<Model<M>>
}

const opened = new WeakMap<Task, ReturnType<typeof dataOf>>()

/** The data of a task, opened once per process. */
function openTask(task: Task): ReturnType<typeof dataOf> {
  const open = opened.get(task) ?? dataOf(task)
  opened.set(task, open)
  return open
}

/** A trial, and what closes the models it made. */
export function trialOf<S extends Size>(
  given: { readonly arm: string; readonly seed: number; readonly learningRate?: number; readonly size: S },
  { threads, signal = new AbortController().signal, onStep }: Omit<JobOptions, 'folder'>,
): { readonly trial: Trial<S>; close(): Promise<void> } {
  const { arm: name, seed, learningRate, size } = given
  const models: { close(): Promise<void> }[] = []
  const make: Trial<S>['compile'] = async (net, options) => {
    const model = await compile(net, { ...options, seed, threads })
    models.push(model)
    return model
  }
  const trial: Trial<S> = {
    ...{ name, seed, size, threads, signal },
    get learningRate() {
      if (learningRate !== undefined) return learningRate
      throw new OptionError('trial: this size of the experiment has no learningRates; give them, or one to train()')
    },
    compile: make,
    async train(task, factors, request) {
      const { steps, wiring = {}, training = {}, batchSize = task.batchSize, probes, probeEvery = 1 } = request
      const arm = { name: 'trial', factors: factors as Readonly<Record<string, Json>> }
      const meaning = resolveArm(arm, task, wiring, training)
      const data = await openTask(task)(meaning.options)
      const rate = request.learningRate ?? trial.learningRate
      const setting: Setting = { task: task.name, ...meaning, batchSize, steps, learningRate: rate, seed }
      const net = task.net(meaning.options, meaning.wiring, data)
      const model = await make<string>(net, {
        ...{ train: data.train, loss: task.loss, metrics: task.metrics, optimizer: optimizerOf(setting) },
        ...(probes && { probes }),
      })
      const events: StepEvent[] = []
      const run = { steps, batchSize, signal, runAhead: request.onStep === undefined, ...(probes && { probeEvery }) }
      let diverged = false
      for await (const event of steps === 0 ? [] : model.train(run)) {
        if (event.type === 'diverged') diverged = true
        if (event.type !== 'step') continue
        events.push(event)
        onStep(event.step)
        if (request.onStep?.(event) === false) break
      }
      signal.throwIfAborted()
      const end = diverged ? ({ state: 'diverged', metrics: {} } as const) : await measureEnd(model, data)
      return { ...end, model, net, data, events }
    },
  }
  const close = async (): Promise<void> => {
    for (const model of models) await model.close()
  }
  return { trial, close }
}
