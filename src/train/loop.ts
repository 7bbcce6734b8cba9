import { clock } from '../clock.ts'
import { type Batch, batches, countBatches, inOrder } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import { OptionError } from '../errors.ts'
import type { Tensors } from '../runtime/engine.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import type { EvaluationEvent, StepEvent, TrainEvent } from './events.ts'
import { classEntropy, PlateauWatch } from './plateau.ts'
import type { Position, Session } from './session.ts'
import { type Kind, probeOutput, scalarInput } from './step.ts'

export interface EarlyStopping {
  /** Evaluations without improvement after which training ends. */
  readonly patience: number
  /** What must improve: 'loss' (lower) or a metric (higher). Default 'loss'. */
  readonly watch?: string
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
  /** Steps between two measurements of the stream over depth. Default 0: never. */
  readonly probeEvery?: number
  /** Ends the loop after the step in progress. */
  readonly signal?: AbortSignal
}

/** Means of loss and metrics over a data set, weighted by batch size. */
export async function measure(session: Session, dataset: Dataset, batchSize: number): Promise<Record<string, number>> {
  const totals = new Map<string, number>()
  for (const batch of inOrder(dataset, batchSize)) {
    const results = await session.programs.run('evaluate', batch.size, batchFeeds(session, batch))
    for (const [name, value] of Object.entries(named(results))) {
      totals.set(name, (totals.get(name) ?? 0) + (value * batch.size) / dataset.size)
    }
  }
  return Object.fromEntries(totals)
}

const scalarOf = (value: HostTensor | undefined): number => value?.data[0] ?? NaN

/** Loss and metrics out of a program's results, by their plain names. */
function named(results: Readonly<Record<string, HostTensor>>): Record<string, number> {
  const entries = Object.entries(results).flatMap(([name, value]) => {
    if (name === 'loss') return [['loss', scalarOf(value)] as const]
    return name.startsWith('metric ') ? [[name.slice('metric '.length), scalarOf(value)] as const] : []
  })
  return Object.fromEntries(entries)
}

function batchFeeds({ recipe }: Session, batch: Batch): Record<string, HostTensor> {
  return {
    inputs: tensor(batch.inputs, [batch.size, ...recipe.inputs.shape]),
    targets: tensor(batch.targets, [batch.size, ...recipe.targets.shape]),
  }
}

const scalarFeeds = (values: Readonly<Record<string, number>>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor(Float32Array.of(value), [])]))

function needCount(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < least)) {
    throw new OptionError(`train: ${name} must be an integer >= ${least}, got ${value}`)
  }
}

/** What a loop will do, with nothing left open. */
interface Plan {
  readonly batchSize: number
  readonly accumulate: number
  readonly lastStep: number
  readonly probeEvery: number
  readonly dropRemainderOfOne: boolean
}

/** Resolves the options; `total` says that steps and epochs count from the beginning of the run. */
export function plan(session: Session, train: Dataset, options: LoopOptions, total: boolean): Plan {
  const { steps, epochs, batchSize = 32, accumulate = 1, probeEvery = 0 } = options
  needCount('steps', steps, 0)
  needCount('epochs', epochs, 0)
  needCount('accumulate', accumulate, 1)
  needCount('evaluateEvery', options.evaluateEvery, 1)
  needCount('probeEvery', probeEvery, 0)
  needCount('earlyStopping.patience', options.earlyStopping?.patience, 1)
  if ((steps === undefined) === (epochs === undefined)) throw new OptionError('train: give either steps or epochs')
  if (probeEvery > 0 && accumulate > 1) throw new OptionError('train: probeEvery does not go with accumulate')
  if (options.earlyStopping && !options.evaluate)
    throw new OptionError('train: earlyStopping needs data to evaluate on')
  const dropRemainderOfOne = session.traced.states.size > 0
  const stepsPerEpoch = Math.ceil(countBatches(train, batchSize, { dropRemainderOfOne }) / accumulate)
  const wanted = steps ?? (epochs ?? 0) * stepsPerEpoch
  return {
    batchSize,
    accumulate,
    lastStep: total ? wanted : session.position.step + wanted,
    probeEvery,
    dropRemainderOfOne,
  }
}

/** The position from which data goes on: with another batch size than before, at the next epoch. */
function cursorFor(position: Position, batchSize: number): Position['cursor'] {
  const { cursor } = position
  if (position.batchSize === batchSize || cursor.index === 0) return cursor
  return { epoch: cursor.epoch + 1, index: 0 }
}

/** Runs one update from its batches and returns loss, metrics and whatever else the program gives. */
async function update(
  session: Session,
  taken: readonly Batch[],
  kind: Kind,
  scalars: Tensors,
): Promise<Record<string, HostTensor>> {
  const { draws } = session.position
  const [first] = taken
  if (taken.length === 1 && first) {
    return session.programs.run(kind, first.size, { ...batchFeeds(session, first), ...scalars }, draws)
  }
  await session.prepareSums()
  const rows = taken.reduce((total, batch) => total + batch.size, 0)
  const sums: Record<string, number> = {}
  for (const [i, batch] of taken.entries()) {
    const share = batch.size / rows
    const weights = scalarFeeds({ share, keep: i === 0 ? 0 : 1 })
    const results = await session.programs.run(
      'gradients',
      batch.size,
      { ...batchFeeds(session, batch), ...weights },
      draws + i,
    )
    for (const [name, value] of Object.entries(results)) sums[name] = (sums[name] ?? 0) + share * scalarOf(value)
    if (!Number.isFinite(sums['loss'])) return scalarFeeds(sums)
  }
  return { ...scalarFeeds(sums), ...(await session.programs.run('update', first?.size ?? 1, scalars)) }
}

function probesOf(session: Session, results: Readonly<Record<string, HostTensor>>): NonNullable<StepEvent['probes']> {
  const taps = [...session.traced.taps.keys()]
  return Object.fromEntries(
    taps.map((tap) => [
      tap,
      {
        rms: scalarOf(results[probeOutput('rms', tap)]),
        gradientNorm: scalarOf(results[probeOutput('gradientNorm', tap)]),
      },
    ]),
  )
}

/** Names the first tensor that is not finite, at the weights before the failed update, on the same batch. */
async function diagnose(session: Session, train: Dataset, at: Position['cursor'], options: Plan): Promise<string> {
  const { value: batch } = batches(train, { ...options, seed: session.seed, from: at }).next()
  const results = await session.programs.run('diagnose', batch.size, batchFeeds(session, batch), session.position.draws)
  const bad = Object.entries(results).find(([, value]) => !Number.isFinite(scalarOf(value)))
  return bad?.[0] ?? 'loss'
}

/** Whether an evaluation is the best so far by the watched quantity. */
function improves(measured: Readonly<Record<string, number>>, watch: string, best: number | null): boolean {
  const value = measured[watch]
  if (value === undefined)
    throw new OptionError(`train: earlyStopping watches '${watch}', measured are ${Object.keys(measured).join(', ')}`)
  return best === null || (watch === 'loss' ? value < best : value > best)
}

/**
 * The training loop: take batches, update, evaluate, say so. One event per step and per evaluation; leaving it early
 * leaves the session at the last step that was reported.
 */
export async function* loop(
  session: Session,
  train: Dataset,
  options: LoopOptions,
  planned: Plan,
): AsyncGenerator<TrainEvent, void> {
  const { batchSize, accumulate, lastStep, probeEvery } = planned
  const { optimizer } = session.recipe
  const watch = options.earlyStopping?.watch ?? 'loss'
  const plateau = new PlateauWatch(classEntropy(train), lastStep - session.position.step)
  const source = batches(train, { ...planned, seed: session.seed, from: cursorFor(session.position, batchSize) })
  const take = (): Batch[] => {
    const taken = [source.next().value]
    while (taken.length < accumulate && taken.at(-1)?.next.index !== 0) taken.push(source.next().value)
    return taken
  }
  if (planned.dropRemainderOfOne && train.size % batchSize === 1) {
    const message = 'the last example of each epoch is left out: batch statistics need two'
    yield { type: 'notice', step: session.position.step, message }
  }

  let upcoming: Batch[] | null = null
  while (session.position.step < lastStep) {
    if (options.signal?.aborted) return yield { type: 'end', step: session.position.step, reason: 'cancelled' }
    const { step: done, draws } = session.position
    const step = done + 1
    const taken: Batch[] = upcoming ?? take()
    const [first, last] = [taken[0] as Batch, taken.at(-1) as Batch]
    const probing = probeEvery > 0 && (step === 1 || step % probeEvery === 0)
    const scalars = Object.entries(optimizer.scalars(step)).map(([name, value]) => [scalarInput(name), value] as const)
    const started = clock.now()
    const running = update(session, taken, probing ? 'probe' : 'train', scalarFeeds(Object.fromEntries(scalars)))
    upcoming = step < lastStep ? take() : null
    const results = await running
    const stepMs = clock.now() - started

    const { loss = NaN, ...metrics } = named(results)
    if (!Number.isFinite(loss)) {
      if (taken.length === 1) await session.engine.rollback()
      const path = await diagnose(session, train, { epoch: first.epoch, index: first.index }, planned)
      const message = `step ${step}: the loss is ${loss}; the first tensor that is not finite is the ${path}. Lower the learning rate, clip gradients, or change the wiring`
      return yield { type: 'diverged', step, path, message }
    }
    session.position = { ...session.position, step, cursor: last.next, batchSize, draws: draws + taken.length }
    yield {
      type: 'step',
      step,
      steps: lastStep,
      epoch: first.epoch,
      examples: taken.reduce((total, batch) => total + batch.size, 0),
      loss,
      metrics,
      learningRate: optimizer.learningRate.at(step),
      stepMs,
      ...(results['gradientNorm'] ? { gradientNorm: scalarOf(results['gradientNorm']) } : {}),
      ...(probing ? { probes: probesOf(session, results) } : {}),
    }
    if (plateau.see(loss)) yield { type: 'plateau', step, level: plateau.level ?? NaN }

    const epochEnded = last.next.index === 0
    const due = options.evaluateEvery === undefined ? epochEnded : step % options.evaluateEvery === 0
    if (options.evaluate && (due || step === lastStep)) {
      const event = await evaluateNow(session, options.evaluate, watch)
      yield event
      const { patience } = options.earlyStopping ?? { patience: Infinity }
      if (session.position.sinceBest >= patience) return yield { type: 'end', step, reason: 'stopped early' }
    }
  }
  yield { type: 'end', step: session.position.step, reason: 'finished' }
}

async function evaluateNow(session: Session, dataset: Dataset, watch: string): Promise<EvaluationEvent> {
  const measured = await measure(session, dataset, Math.min(dataset.size, evaluationBatch))
  const best = improves(measured, watch, session.position.best)
  session.position = {
    ...session.position,
    best: best ? (measured[watch] as number) : session.position.best,
    sinceBest: best ? 0 : session.position.sinceBest + 1,
  }
  const { loss = NaN, ...metrics } = measured
  return { type: 'evaluation', step: session.position.step, loss, metrics, best }
}

/** Examples per batch of an evaluation. */
export const evaluationBatch = 500
