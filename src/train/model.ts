import type { Dataset } from '../data/dataset.ts'
import { type ModelSpec, specOf } from '../models/spec.ts'
import { DivergedError, OptionError } from '../errors.ts'
import { graph } from '../graph/graph.ts'
import { type Parameter, trace } from '../graph/scope.ts'
import { simplify } from '../graph/simplify.ts'
import { dynamicBatch, toOnnx } from '../onnx/model.ts'
import { type HostTensor, sameShape, sizeOf, tensor, typeText } from '../tensor.ts'
import type { EvaluationEvent, StepEvent, TrainEvent } from './events.ts'
import { writeAtomic } from '../files/atomic.ts'
import type { JsonObject } from '../files/json.ts'
import type { RunState } from './files/run-folder.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import { type BeamOptions, beamSearch, type Hypothesis } from './generation/beam.ts'
import { contextOf, type TokenEvent, type TokenOptions, type TokenRequest, tokens } from './generation/generate.ts'
import { exportFolder, type FolderFormat } from './hub/export-folder.ts'
import type { InspectOptions } from './inspect/inspect.ts'
import type { SampleOptions } from './language-model.ts'
import { type Helpers, loop, type LoopOptions, needCount, plan } from './loop.ts'
import { evaluationBatch, measure } from './measure.ts'
import { merged } from './merge.ts'
import { type Pace, paceOf } from './pace.ts'
import { progress } from './progress.ts'
import { Recorder } from './record.ts'
import type { Part, Session } from './session.ts'
import { forward, type Recipe } from './step.ts'
import type { TextInfo } from './text.ts'
import { needIds } from './token-ids.ts'
import { versions } from './versions.ts'
import { warnings } from './warnings.ts'

export interface TrainOptions extends LoopOptions {
  /** Folder that becomes the record of this training. */
  readonly run?: string
  /** Steps between checkpoints of the run. Default 500. */
  readonly checkpointEvery?: number
  /** Go on with the run in that folder; steps and epochs then count from its beginning. Default false. */
  readonly resume?: boolean
  /** What the run's `summary.json` shall say beside the usual; asked once the training is done or has diverged. */
  readonly summary?: () => Promise<Readonly<Record<string, unknown>>>
}

export interface FitOptions extends TrainOptions {
  /** Progress on standard error. Default true. */
  readonly progress?: boolean
}

/** What a finished `fit` knows. */
export interface FitResult {
  readonly step: number
  readonly reason: 'finished' | 'stopped early' | 'cancelled'
  /** The last step and the last evaluation, where there was one. */
  readonly last: StepEvent | null
  readonly evaluation: EvaluationEvent | null
  readonly plateau: boolean
}

/** Loss and metrics by name. */
export type Measured<M extends string> = { readonly loss: number } & Readonly<Record<M, number>>

/** A net and its tensors at one moment, apart from any engine. */
export interface Snapshot extends Recipe {
  /** Updates done. */
  readonly step: number
  /** Parameters and running statistics, by path. */
  readonly weights: Readonly<Record<string, HostTensor>>
}

const elements = (parameters: Iterable<Parameter>): number =>
  [...parameters].reduce((total, { value }) => total + sizeOf(value.shape), 0)

/** A compiled net: trains, evaluates, predicts and exports. */
export class Model<M extends string = string> {
  readonly #session: Session
  readonly #train: Dataset | null
  readonly #config: JsonObject
  readonly #text: TextInfo | null
  #training = false

  /** `text` is what the tokens of the data mean, where they are text. */
  constructor(session: Session, train: Dataset | null, config: JsonObject, text: TextInfo | null = null) {
    this.#session = session
    this.#text = text
    this.#train = train
    this.#config = config
  }

  /** Updates done so far. */
  get step(): number {
    return this.#session.position.step
  }

  /** Trains, one event per step; see `TrainEvent`. Leaving early leaves the model at the last reported step. */
  async *train(options: TrainOptions): AsyncGenerator<TrainEvent, void> {
    if (this.#training) throw new OptionError('train: this model is in training already; leave that loop first')
    this.#training = true
    try {
      yield* this.#recorded(options)
    } finally {
      this.#training = false
    }
  }

  /** The loop, with its record where a run folder is asked for. */
  async *#recorded(options: TrainOptions): AsyncGenerator<TrainEvent, void> {
    const session = this.#session
    const data = this.#train
    if (data === null) throw new OptionError('train: this model was loaded without data; give load() a train data set')
    const { run, resume = false, probeEvery = 0 } = options
    if (resume && run === undefined) throw new OptionError('train: resume needs the folder of the run')
    needCount('checkpointEvery', options.checkpointEvery, 1)
    const planned = plan(session, data, options, resume)
    const write = options.sample === undefined ? null : this.sampler(options.sample)
    forward(session.recipe, planned.batchSize, 'train') // what cannot be traced at this size is refused before a folder is made
    const recorder = run === undefined ? null : await this.#record({ ...options, run, resume, probeEvery })
    const helpers: Helpers = {
      save: async () => recorder?.save() ?? null,
      saves: (step) => recorder?.saves(step) ?? false,
      write,
    }
    let state: RunState = 'cancelled'
    try {
      for await (const event of loop(session, data, options, planned, helpers)) {
        recorder?.see(event)
        if (event.type === 'diverged') state = 'diverged'
        if (event.type === 'end' && event.reason !== 'cancelled') state = 'done'
        yield event
      }
    } catch (error) {
      state = 'failed'
      throw error
    } finally {
      await recorder?.close(state, this.parameterCount, (path) => this.export(path))
    }
  }

  /** Trains to the end. Throws DivergedError where the loss stops being finite. */
  async fit(options: FitOptions = {}): Promise<FitResult> {
    let last: StepEvent | null = null
    let evaluation: EvaluationEvent | null = null
    let plateau = false
    let reason: FitResult['reason'] = 'finished'
    const shown = options.progress ?? true
    const show = progress(shown, { pace: shown ? await this.pace(options) : null })
    for await (const event of this.train({ runAhead: true, ...options })) {
      show.see(event)
      if (event.type === 'step') last = event
      if (event.type === 'evaluation') evaluation = event
      if (event.type === 'plateau') plateau = true
      if (event.type === 'end') reason = event.reason
      if (event.type === 'diverged') throw new DivergedError(event.message)
    }
    return { step: this.step, reason, last, evaluation, plateau }
  }

  /** Loss and metrics on a data set. */
  async evaluate(dataset: Dataset, options: { readonly batchSize?: number } = {}): Promise<Measured<M>> {
    this.#session.needFits('evaluate', dataset)
    return (await measure(this.#session, dataset, options.batchSize ?? evaluationBatch(this.#session))) as Measured<M>
  }

  /** Outputs for a batch of inputs. Shapes: `[n, ...input]` to `[n, ...output]`. */
  async predict(inputs: HostTensor): Promise<HostTensor> {
    const { recipe, tableRows } = this.#session
    const [count = 0, ...shape] = inputs.shape
    if (count < 1 || inputs.dtype !== recipe.inputs.dtype || !sameShape(shape, recipe.inputs.shape)) {
      const { dtype, shape: each } = recipe.inputs
      throw new OptionError(`predict: expected ${dtype}[n, ${each.join(', ')}] with n >= 1, got ${typeText(inputs)}`)
    }
    if (tableRows !== null) needIds('predict', inputs.data, sizeOf(shape), tableRows)
    const own = tensor(inputs.data.slice(), inputs.shape)
    const { output } = await this.#session.programs.run('predict', count, { inputs: own })
    return output!
  }

  /** New tokens after prompts, one of each per pass; see `TokenOptions`. For nets that give logits per token. */
  generateTokens(request: TokenRequest, options: TokenOptions = {}): AsyncGenerator<TokenEvent, void> {
    return tokens(this.#session, request, options)
  }

  /** The best continuations of a prompt, best first; `source` is what an encoder reads. See `beamSearch`. */
  beamSearch(prompt: Int32Array, options: BeamOptions, source?: Int32Array): Promise<Hypothesis[]> {
    return beamSearch(this.#session, prompt, options, source)
  }

  /** What the speed of a training is measured by, where the data are tokens; see `paceOf`. */
  pace(options: InspectOptions = {}): Promise<Pace | null> {
    return paceOf(this.#session, options)
  }

  /** How `train` gets its samples. Throws OptionError where nothing can be written. */
  protected sampler(_: SampleOptions): () => Promise<string> {
    throw new OptionError('train: sample expected a net that was compiled for text, such as data.text gives')
  }

  /** How the net was made, or null where it is of the user's own. */
  get spec(): ModelSpec | null {
    return specOf(this.#session.recipe.net)
  }

  /** Number of elements of all parameters. */
  get parameterCount(): number {
    return elements(this.#session.traced.parameters.values())
  }

  /** The same of those that are not frozen. */
  get trainedCount(): number {
    return elements(this.#session.trained)
  }

  /** Copies of parameters and running statistics, by path; of a fine-tuned net, of those that training changes alone. */
  weights(part: Part = 'all'): Promise<Record<string, HostTensor>> {
    return this.#session.engine.read(this.#session.weightPaths(part))
  }

  /** The net, what it is trained for, and copies of its tensors: what the probes of the lab look into. */
  async snapshot(): Promise<Snapshot> {
    return { ...this.#session.recipe, step: this.step, weights: await this.weights() }
  }

  /**
   * Replaces parameters and running statistics, by path; those of `needed` must be there, and all must fit. A fine-tuning
   * begins with `setWeights(pretrained, 'frozen')`; `setWeights(adapters, 'trained')` brings what it changed.
   */
  async setWeights(weights: Readonly<Record<string, HostTensor>>, needed: Part = 'all'): Promise<void> {
    const session = this.#session
    await session.restore(weights, session.weightPaths(), 'setWeights', session.weightPaths(needed))
  }

  /** Writes the net for inference, its adapters merged: `.onnx` (batch axis open, input `inputs`, output `output`) or `.safetensors` (weights). */
  async export(path: string): Promise<void> {
    const { recipe } = this.#session
    const { inputs } = recipe
    const { net, weights } = merged({ net: recipe.net, weights: await this.weights() }, inputs)
    if (path.endsWith('.safetensors')) {
      writeAtomic(path, writeSafetensors(weights, { producer: 'residua' }))
      return
    }
    if (!path.endsWith('.onnx'))
      throw new OptionError(`export: the file must end in .onnx or .safetensors, got '${path}'`)
    const { output } = trace(net, inputs.dtype, [dynamicBatch, ...inputs.shape], 'evaluate')
    const inference = simplify(graph({ output }))
    const used = new Map(Object.entries(weights).filter(([name]) => inference.inputs.has(name)))
    writeAtomic(path, toOnnx(inference, { target: 'portable', initializers: used, metadata: this.#metadata() }))
  }

  /**
   * Writes the net into a folder that others read: 'transformers.js' (ONNX with a key/value cache, for text generation)
   * or 'hugging-face' (safetensors under the names of its family). See `exportFolder`.
   */
  async exportFolder(folder: string, format: FolderFormat): Promise<void> {
    const { net } = this.#session.recipe
    const { tokenizer = null, ends } = this.#text ?? {}
    const separator = tokenizer?.separator ?? null
    exportFolder(format, folder, {
      net,
      context: contextOf(this.#session, 0),
      weights: await this.weights(),
      tokenizer,
      ends: ends ?? (separator === null ? [] : [separator]),
      metadata: this.#metadata(),
    })
  }

  /** A table of the parameters, and what a training with them should think about. */
  summary(): string {
    const rows = Array.from(this.#session.traced.parameters.values(), ({ path, value, role, init, frozen }) => [
      path,
      `[${value.shape.join(', ')}]`,
      frozen ? `${role}, frozen` : role,
      init.name,
    ])
    const all = [['path', 'shape', 'role', 'initial'], ...rows]
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
    const lines = all.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    const { traced, recipe } = this.#session
    const warned = this.#train === null ? [] : warnings(traced, recipe.optimizer.learningRate)
    const { parameterCount, trainedCount } = this
    const part = trainedCount === parameterCount ? '' : `, ${trainedCount.toLocaleString('en')} of them trained`
    return [...lines, `${parameterCount.toLocaleString('en')} parameters${part}`, ...warned].join('\n')
  }

  /** Frees the engine. The process can end without it. */
  close(): Promise<void> {
    return this.#session.engine.close()
  }

  #metadata(): Record<string, string> {
    return { ...versions(), step: String(this.step), config: JSON.stringify(this.#config) }
  }

  #record(options: TrainOptions & { run: string; resume: boolean; probeEvery: number }): Promise<Recorder> {
    const {
      steps,
      epochs,
      batchSize = 32,
      accumulate = 1,
      evaluateEvery,
      earlyStopping,
      probeEvery,
      evaluate,
    } = options
    const training = {
      ...(steps === undefined ? {} : { steps }),
      ...(epochs === undefined ? {} : { epochs }),
      batchSize,
      accumulate,
      probeEvery,
      evaluate: evaluate?.name ?? null,
      evaluateEvery: evaluateEvery ?? null,
      earlyStopping: earlyStopping ? { ...earlyStopping } : null,
    }
    return Recorder.open(
      this.#session,
      { ...options, tokenizer: this.#text && JSON.stringify(this.#text.tokenizer.toJson()) },
      { ...this.#config, ...training },
      versions(),
    )
  }
}
