import type { Dataset } from '../../data/dataset.ts'
import type { Layer } from '../../graph/scope.ts'
import type { Loss } from '../../nn/loss.ts'
import type { ResolvedWiring } from '../../nn/wiring/wiring.ts'
import type { Metric } from '../../train/metrics.ts'

/** What a metric is for: which of its values are better, and what one gets without looking at the input. */
export interface Measure {
  readonly better: 'lower' | 'higher'
  /** The value of a model that knows only how frequent each answer is. */
  readonly chance: number
  /** The smallest difference between two arms that matters. */
  readonly smallest: number
}

/** The data of a task, opened once per process. */
export interface TaskData {
  readonly train: Dataset
  readonly test: Dataset
  /** What may be asked of a study on it, by name; `loss` is among them. */
  readonly measures: Readonly<Record<string, Measure>>
}

/** Something to learn, with the model that learns it but for its wiring. */
export interface Task<O extends object = object> {
  readonly name: string
  /** All options with nothing left open: an arm of a study may have one of its own. */
  readonly options: O
  /** Examples per batch. */
  readonly batchSize: number
  readonly loss: Loss
  readonly metrics: Readonly<Record<string, Metric>>
  /** Opens the data; what depends on options reads them here. */
  open(options: O): Promise<TaskData>
  /** The net for options and wiring. Throws OptionError where they do not go together. */
  net(options: O, wiring: ResolvedWiring, data: TaskData): Layer
}
