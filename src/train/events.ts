/** What a training loop says while it runs; terminals, run folders and pages are consumers of the same events. */
export type TrainEvent =
  | StepEvent
  | EvaluationEvent
  | SampleEvent
  | { readonly type: 'checkpoint'; readonly step: number; readonly folder: string }
  | NoticeEvent
  | PlateauEvent
  | DivergedEvent
  | EndEvent

export interface StepEvent {
  readonly type: 'step'
  /** Updates done so far. */
  readonly step: number
  /** Steps this call will do in all, counted from the beginning of the run. */
  readonly steps: number
  readonly epoch: number
  readonly examples: number
  /** The same in tokens, where an example is a row of them. */
  readonly tokens?: number
  /** Mean loss of the step's batch before the update. */
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
  readonly learningRate: number
  /** Global gradient norm before clipping, where the optimizer clips. */
  readonly gradientNorm?: number
  /** Wall time of the step, milliseconds. */
  readonly stepMs: number
  /**
   * On steps that were probed: by path of a tap or parameter (`output` for the net's own, `path[i]` for one element of
   * several) what the probes measured there, by their names.
   */
  readonly probes?: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface NoticeEvent {
  readonly type: 'notice'
  readonly step: number
  readonly message: string
}

export interface EvaluationEvent {
  readonly type: 'evaluation'
  readonly step: number
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
  /** Whether this is the best so far by the watched quantity. */
  readonly best: boolean
}

/** What a language model writes at this step. */
export interface SampleEvent {
  readonly type: 'sample'
  readonly step: number
  readonly prompt: string
  /** What comes after the prompt. */
  readonly text: string
}

export interface PlateauEvent {
  readonly type: 'plateau'
  readonly step: number
  /** The loss of a model that knows only how frequent each class is, nats. */
  readonly level: number
}

export interface DivergedEvent {
  readonly type: 'diverged'
  readonly step: number
  /** The first tensor that was not finite. */
  readonly path: string
  readonly message: string
}

export interface EndEvent {
  readonly type: 'end'
  readonly step: number
  readonly reason: 'finished' | 'stopped early' | 'cancelled'
}
