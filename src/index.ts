export { grad, vjp } from './autodiff/grad.ts'
export * as data from './data/index.ts'
export { DataError, DivergedError, EngineError, GraphError, OptionError, ResiduaError, ShapeError } from './errors.ts'
export { check, graph, type Graph } from './graph/graph.ts'
export { print } from './graph/print.ts'
export {
  type Initializer,
  type Layer,
  type ParameterOptions,
  type Role,
  type Scope,
  trace,
  type Traced,
} from './graph/scope.ts'
export { simplify } from './graph/simplify.ts'
export { input, type Value } from './graph/value.ts'
export * as models from './models/index.ts'
export * as nn from './nn/index.ts'
export * as ops from './ops/index.ts'
export * as optim from './optim/index.ts'
export { evaluate } from './runtime/reference.ts'
export { type DType, type HostTensor, type Shape, tensor, type TensorType } from './tensor.ts'
export { compile, type CompileOptions, load, type LoadOptions, loadText } from './train/compile.ts'
export type { EvaluationEvent, SampleEvent, StepEvent, TrainEvent } from './train/events.ts'
export { inspect } from './train/inspect/inspect.ts'
export { finetune, type FinetuneOptions } from './train/finetune.ts'
export { type Imported, importRun } from './train/hub/import-run.ts'
export type { BeamOptions, Hypothesis } from './train/generation/beam.ts'
export type { TokenEvent, TokenOptions, TokenRequest } from './train/generation/generate.ts'
export type { SamplingOptions } from './train/generation/sampling.ts'
export type { FolderFormat } from './train/hub/export-folder.ts'
export type { Completion, GenerateOptions, LanguageModel } from './train/language-model.ts'
export type { EarlyStopping } from './train/loop.ts'
export * as metrics from './train/metrics.ts'
export { type FitOptions, type FitResult, type Measured, type Model, type TrainOptions } from './train/model.ts'
export { type Stage, type Stagewise, stagewise, type StagewiseOptions } from './train/stagewise.ts'
