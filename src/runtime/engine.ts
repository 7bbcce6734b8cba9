import type { HostTensor, Shape, TensorData, TensorType } from '../tensor.ts'

/** A fused host kernel and its calls. */
export interface KernelCalls {
  readonly wasm: Uint8Array
  /** Of each call, the tensors that the kernel works on: names of states and of fused outputs. */
  readonly calls: readonly (readonly string[])[]
  /** Feeds or results of shape [] that it takes, in order. */
  readonly scalars: readonly string[]
}

/** What a program does on the host, in place, after its model has run. */
export interface FusedUpdate {
  readonly kernels: readonly KernelCalls[]
  /** Float32 outputs of the model that only kernels read: shapes by name. */
  readonly outputs: Readonly<Record<string, Shape>>
  /** Float32 states that kernels read and write: shapes by name. */
  readonly states: Readonly<Record<string, Shape>>
}

/** The same model with some states as constants, which ONNX Runtime packs for its matrix products: faster, at the price of a copy. */
export interface ConstantModel {
  /** Serialized ONNX model that takes the states as external data, each under its name. */
  readonly model: Uint8Array
  readonly states: readonly string[]
}

/** What a program is made of: the model, and where its inputs come from and its outputs go. */
export interface ProgramSpec {
  /** Serialized ONNX model; its first output may be the stop output named `stop`. */
  readonly model: Uint8Array
  readonly stop?: string
  /** Runs instead while no open program changes its states; when they are written it is opened anew. */
  readonly constant?: ConstantModel
  /** Inputs that are read from the engine's state, under the same name. */
  readonly reads: readonly string[]
  /** Outputs that become the new value of a state, by output name. */
  readonly updates: Readonly<Record<string, { readonly state: string; readonly type: TensorType }>>
  /** Outputs that are written into a state, which has the same shape but for axis 2, from the place on that the feed `at` says. */
  readonly appends?: Readonly<Record<string, { readonly state: string; readonly type: TensorType }>>
  /** Outputs that are returned. */
  readonly results: Readonly<Record<string, TensorType>>
  readonly fused?: FusedUpdate
  /** Results that must be finite: else kernels do not run, and no guarded program does until `rollback`. */
  readonly guards?: readonly string[]
}

export type Tensors = Readonly<Record<string, HostTensor>>

/** Holds state on a device and runs programs on it; runs never overlap. */
export interface Engine {
  /** An array to fill and feed; it may be the memory of an earlier feed. */
  allocate(type: TensorType): TensorData
  /** Opens a session and returns the program's number. */
  open(spec: ProgramSpec): Promise<number>
  /** Runs once: reads states, writes the updated ones, returns the results. */
  run(program: number, feeds: Tensors): Promise<Record<string, HostTensor>>
  /**
   * Gives the states that the last updating run replaced their values from before it; a second call does nothing. What
   * kernels changed in place stays: their guards are what keeps them from a bad update.
   */
  rollback(): Promise<void>
  /** Sets states. */
  write(states: Tensors): Promise<void>
  /** Copies of states. Throws EngineError for an unknown name. */
  read(names: readonly string[]): Promise<Record<string, HostTensor>>
  /** Frees a program. */
  release(program: number): Promise<void>
  /** Frees everything; every later call but this one is refused with an EngineError. */
  close(): Promise<void>
}

export interface EngineOptions {
  /** Where programs run. Default: environment RESIDUA_DEVICE, else 'cpu'. */
  readonly device?: string
  /** Threads of the engine. Default: environment RESIDUA_THREADS, else all cores. */
  readonly threads?: number
  /** Whether outputs are written in place behind the start-up self-test. Default true. */
  readonly zeroCopy?: boolean
}
