import { clock } from '../clock.ts'
import { type Batch, batches, countBatches } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import { DivergedError, OptionError } from '../errors.ts'
import type { Trace } from '../graph/scope.ts'
import type {
  DivergedEvent,
  EndEvent,
  EvaluationEvent,
  NoticeEvent,
  SampleEvent,
  StepEvent,
  TrainEvent,
} from './events.ts'
import type { SampleOptions } from './language-model.ts'
import { evaluationBatch, measure, named, type Results, scalarFeeds, scalarOf } from './measure.ts'
import { classEntropy, PlateauWatch } from './plateau.ts'
import type { Position, Session } from './session.ts'
import { scalarInput } from './program-builder.ts'
import { tokensPerExample } from './token-ids.ts'
import { diagnose, isSound, update } from './update.ts'
import { warnings } from './warnings.ts'

export interface EarlyStopping {
  /** Evaluations without improvement after which training ends. */
  readonly patience: number
  /** What must improve: 'loss' (lower) or a metric (higher). Default 'loss'. */
  readonly watch?: string
  /** Which values of it are better. Default 'lowest' for the loss, 'highest' for a metric. */
  readonly best?: 'lowest' | 'highest'
}

export interface LoopOptions {
  /** Updates to do; give this or `epochs`. */
  readonly steps?: number
  /** Passes over the data to do. */
  readonly epochs?: number
  /** Examples per batch. Default 32. */
  readonly batchSize?: number
  /** Batches whose gradients make one update. Default 1. */
  readonly accumulate?: number
  /** Data to evaluate on after every `evaluateEvery` steps and at the end. */
  readonly evaluate?: Dataset
  /** Default: once per epoch. */
  readonly evaluateEvery?: number
  readonly earlyStopping?: EarlyStopping
  /** Steps between two measurements of what `compile` was given as `probes`. Default 0: never. */
  readonly probeEvery?: number
  /**
   * Hands the engine the next step before the event of this one is taken, so that it never waits for this thread; leaving
   * the loop early then leaves the model one step further. Default false; `fit` does.
   */
  readonly runAhead?: boolean
  /** What a language model writes while it trains; no weight depends on it. Default: nothing. */
  readonly sample?: SampleOptions
  /** Ends the loop after the step in progress. */
  readonly signal?: AbortSignal
}

/** Throws OptionError unless an option that is given is an integer of at least `least`. */
export function needCount(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < least)) {
    throw new OptionError(`train: ${name} must be an integer >= ${least}, got ${value}`)
  }
}

function needWatched({ recipe }: Session, watch: string): void {
  const measured = ['loss', ...Object.keys(recipe.metrics)]
  if (!measured.includes(watch)) {
    throw new OptionError(`train: earlyStopping watches '${watch}', measured are ${measured.join(', ')}`)
  }
}

/** What a loop will do, with nothing left open. */
interface Plan {
  readonly batchSize: number
  readonly accumulate: number
  readonly lastStep: number
  readonly probeEvery: number
  readonly dropRemainderOfOne: boolean
  /** Goes on with a run, which may have been stopped early already. */
  readonly resumed: boolean
}

/** Whether a last batch of one example is left out: states that move from step to step are statistics of a batch. */
export const dropsRemainderOfOne = ({ states }: Trace): boolean =>
  [...states.values()].some(({ next }) => next !== null)

/** Resolves the options; `total` says that steps and epochs count from the beginning of the run. */
export function plan(session: Session, train: Dataset, options: LoopOptions, total: boolean): Plan {
  const { steps, epochs, batchSize = 32, accumulate = 1, probeEvery = 0 } = options
  needCount('steps', steps, 0)
  needCount('epochs', epochs, 0)
  needCount('accumulate', accumulate, 1)
  needCount('evaluateEvery', options.evaluateEvery, 1)
  needCount('probeEvery', probeEvery, 0)
  needCount('sample.every', options.sample?.every, 1)
  needCount('earlyStopping.patience', options.earlyStopping?.patience, 1)
  if ((steps === undefined) === (epochs === undefined)) throw new OptionError('train: give either steps or epochs')
  if (probeEvery > 0 && accumulate > 1) throw new OptionError('train: probeEvery does not go with accumulate')
  if (options.earlyStopping && !options.evaluate)
    throw new OptionError('train: earlyStopping needs data to evaluate on')
  if (options.evaluate) session.needFits('train: evaluate', options.evaluate)
  needWatched(session, options.earlyStopping?.watch ?? 'loss')
  if (session.trained.length === 0 && session.traced.parameters.size > 0)
    throw new OptionError('train: expected parameters to train, but all are frozen. Freeze fewer')
  const dropRemainderOfOne = dropsRemainderOfOne(session.traced)
  const stepsPerEpoch = Math.ceil(countBatches(train, batchSize, { dropRemainderOfOne }) / accumulate)
  const wanted = steps ?? (epochs ?? 0) * stepsPerEpoch
  return {
    batchSize,
    accumulate,
    lastStep: total ? wanted : session.position.step + wanted,
    probeEvery,
    dropRemainderOfOne,
    resumed: total,
  }
}

/** The position from which data goes on: with another batch size than before, at the next epoch. */
function cursorFor(position: Position, batchSize: number): Position['cursor'] {
  const { cursor } = position
  if (position.batchSize === batchSize || cursor.index === 0) return cursor
  return { epoch: cursor.epoch + 1, index: 0 }
}

function probesOf({ measured }: Session, results: Results): NonNullable<StepEvent['probes']> {
  const found: Record<string, Record<string, number>> = {}
  for (const [i, { name, path }] of measured.entries()) {
    const ofPath = (found[path] ??= {})
    ofPath[name] = results.probes!.data[i]!
  }
  return found
}

/** Whether an evaluation is the best so far by the watched quantity; what is not finite never is. */
function improves(value: number, lowest: boolean, best: number | null): boolean {
  return Number.isFinite(value) && (best === null || (lowest ? value < best : value > best))
}

/** What is known of a step after which the session would hold values that are not finite, and does not. */
async function divergence(
  session: Session,
  train: Dataset,
  taken: readonly Batch[],
  planned: Plan,
  results: Results,
): Promise<DivergedEvent> {
  const done = session.position.step
  const loss = scalarOf(results.loss)
  const path = (await diagnose(session, train, taken, planned)) ?? (Number.isFinite(loss) ? 'gradient norm' : 'loss')
  const since = path.startsWith('value of') && done > 0 ? `, since the update of step ${done}` : ''
  const message = `step ${done + 1}: the loss is ${loss}; the first tensor that is not finite is the ${path}${since}. Lower the learning rate, clip gradients, or change the wiring`
  return { type: 'diverged', step: done + 1, path, message }
}

/** A step that was handed to the engine. */
interface Underway {
  readonly step: number
  readonly taken: readonly Batch[]
  readonly probing: boolean
  readonly started: number
  readonly results: Promise<Results>
}

/** What the loop leaves to others. */
export interface Helpers {
  /** Makes a checkpoint where the step asks for one, and says so. */
  readonly save: () => Promise<TrainEvent | null>
  /** Whether `save` may have something to do at a step. */
  readonly saves: (step: number) => boolean
  /** The text of a sample; null where none is asked for. */
  readonly write: (() => Promise<string>) | null
}

/**
 * The training loop: evaluate, sample, save, stop?, update, say so. One event per step, evaluation and sample; leaving it
 * early leaves the session at the last step that was reported (with `runAhead`, at the one begun meanwhile), and what that
 * step asked for is made up for when a loop goes on.
 */
export async function* loop(
  session: Session,
  train: Dataset,
  options: LoopOptions,
  planned: Plan,
  { save, saves, write }: Helpers,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { batchSize, accumulate, lastStep, probeEvery } = planned
  const { runAhead = false } = options
  const { optimizer } = session.recipe
  const { patience } = options.earlyStopping ?? { patience: Infinity }
  const plateau = new PlateauWatch(classEntropy(train), lastStep - session.position.step)
  const source = batches(train, {
    ...planned,
    seed: session.seed,
    from: cursorFor(session.position, batchSize),
    allocate: (type) => session.engine.allocate(type),
  })
  const take = (): Batch[] => {
    const taken = [source.next().value]
    while (taken.length < accumulate && taken.at(-1)?.next.index !== 0) taken.push(source.next().value)
    return taken
  }
  const end = (reason: EndEvent['reason']): EndEvent => ({ type: 'end', step: session.position.step, reason })
  const notice = (message: string): NoticeEvent => ({ type: 'notice', step: session.position.step, message })
  if (planned.dropRemainderOfOne && train.size % batchSize === 1)
    yield notice('the last example of each epoch is left out: batch statistics need two')
  if (!planned.resumed && session.position.step === 0)
    yield* warnings(session.traced, optimizer.learningRate).map(notice)
  if (!planned.resumed) session.position = { ...session.position, best: null, sinceBest: 0 } // of other data, or another watch

  const tokens = tokensPerExample(train.inputs)
  let draws = session.position.draws
  let settledAt = -Infinity
  let upcoming: Batch[] | null = null
  const begin = (step: number): Underway => {
    const taken = upcoming ?? take()
    upcoming = null
    const probing = probeEvery > 0 && (step === 1 || step % probeEvery === 0)
    const scalars = Object.entries(optimizer.scalars(step)).map(([name, value]) => [scalarInput(name), value] as const)
    const started = clock.now()
    const kind = probing ? 'probe' : 'train'
    const results = update(session, taken, kind, scalarFeeds(Object.fromEntries(scalars)), draws)
    results.catch(() => undefined) // awaited in its turn; until then a failure must not end the process
    draws += taken.length
    return { step, taken, probing, started, results }
  }
  const evaluates = ({ step, taken }: Underway): boolean => {
    const epochEnds = taken.at(-1)!.next.index === 0
    const wanted = options.evaluateEvery === undefined ? epochEnds : step % options.evaluateEvery === 0
    return options.evaluate !== undefined && (wanted || step === lastStep)
  }
  const samples = (step: number): boolean => options.sample !== undefined && step % options.sample.every === 0
  const settle = async (underway: Underway): Promise<Results> => {
    const results = await underway.results
    if (!isSound(results)) return results
    const { step, taken } = underway
    const cursor = taken.at(-1)!.next
    const drawn = session.position.draws + taken.length
    session.position = {
      ...session.position,
      step,
      cursor,
      batchSize,
      draws: drawn,
      evaluationDue: evaluates(underway),
      sampleDue: samples(step),
    }
    return results
  }

  let next: Underway | null = null
  try {
    for (;;) {
      if (next === null) {
        if (options.evaluate && session.position.evaluationDue)
          yield await evaluateNow(session, options.evaluate, options.earlyStopping)
        if (write && session.position.sampleDue) yield await sampleNow(session, options.sample!.prompt, write)
        if (session.position.sinceBest >= patience) return yield end('stopped early')
        const saved = await save()
        if (saved) yield saved
        if (session.position.step >= lastStep) return yield end('finished')
        if (options.signal?.aborted) return yield end('cancelled')
      }
      const underway: Underway = next ?? begin(session.position.step + 1)
      const { step: at } = underway
      const pauses = evaluates(underway) || at === lastStep || samples(at) || saves(at) || options.signal?.aborted
      next = runAhead && accumulate === 1 && !pauses ? begin(at + 1) : null
      if (at + Number(next !== null) < lastStep) upcoming ??= take()
      const results = await settle(underway)
      const stepMs = clock.now() - Math.max(underway.started, settledAt)
      settledAt = clock.now()
      if (!isSound(results)) {
        if (next !== null) await settle(next).catch(() => undefined) // whoever uses the engine next meets the failure
        next = null
        return yield await divergence(session, train, underway.taken, planned, results)
      }
      const { loss = NaN, ...metrics } = named(results)
      const { step, taken } = underway
      const examples = taken.reduce((total, batch) => total + batch.size, 0)
      yield {
        type: 'step',
        step,
        steps: lastStep,
        epoch: taken[0]!.epoch,
        examples,
        ...(tokens === null ? {} : { tokens: examples * tokens }),
        loss,
        metrics,
        learningRate: optimizer.learningRate.at(step),
        stepMs,
        ...(results.gradientNorm ? { gradientNorm: scalarOf(results.gradientNorm) } : {}),
        ...(underway.probing ? { probes: probesOf(session, results) } : {}),
      }
      if (plateau.see(loss)) yield { type: 'plateau', step, level: plateau.level ?? NaN }
    }
  } finally {
    if (next !== null) await settle(next).catch(() => undefined) // whoever uses the engine next meets the failure
  }
}

async function evaluateNow(
  session: Session,
  dataset: Dataset,
  stopping: EarlyStopping | undefined,
): Promise<EvaluationEvent> {
  const watch = stopping?.watch ?? 'loss'
  const lowest = (stopping?.best ?? (watch === 'loss' ? 'lowest' : 'highest')) === 'lowest'
  const measured = await measure(session, dataset, Math.min(dataset.size, evaluationBatch(session)))
  const { best: former, sinceBest, step } = session.position
  const value = measured[watch] ?? NaN
  const best = improves(value, lowest, former)
  session.position = {
    ...session.position,
    best: best ? value : former,
    sinceBest: best ? 0 : sinceBest + 1,
    evaluationDue: false,
  }
  const { loss = NaN, ...metrics } = measured
  return { type: 'evaluation', step, loss, metrics, best }
}

async function sampleNow(
  session: Session,
  prompt: string,
  write: () => Promise<string>,
): Promise<SampleEvent | NoticeEvent> {
  const { step } = session.position
  session.position = { ...session.position, sampleDue: false }
  try {
    return { type: 'sample', step, prompt, text: await write() }
  } catch (error) {
    if (error instanceof DivergedError) return { type: 'notice', step, message: `no sample: ${error.message}` }
    throw error
  }
}
