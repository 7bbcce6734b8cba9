import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { EngineError, OptionError } from '../../errors.ts'
import {
  allocate,
  bytesPerElement,
  type HostTensor,
  sizeOf,
  type TensorData,
  type TensorType,
  viewOf,
} from '../../tensor.ts'
import { type Activity, forget, watchActivity } from './activity.ts'
import type { Engine, EngineOptions, ProgramSpec, Tensors } from '../engine.ts'

export interface Settings {
  readonly threads: number
  readonly zeroCopy: boolean
}
export interface WorkerSettings extends Settings {
  readonly activity: Activity
}
export interface Call {
  readonly id: number
  readonly method: keyof Engine
  readonly args: readonly unknown[]
}
export interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
  /** Memory of the call's feeds, given back. */
  readonly spent: readonly ArrayBuffer[]
}
interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: Error) => void
}

/** Spent feeds of one size that are kept for the next. */
const spareBuffers = 4

/** Sources run under vitest, which cannot start a worker from TypeScript: there it is the built one. */
const workerFile = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/runtime/node/worker.js', import.meta.url)
    : new URL('./worker.js', import.meta.url)

/** Reads and checks the device and the number of threads, from options or the environment. */
export function engineSettings(options: EngineOptions): Settings {
  const device = options.device ?? process.env.RESIDUA_DEVICE ?? 'cpu'
  if (device !== 'cpu') throw new OptionError(`device: this version runs on 'cpu' in Node, got '${device}'`)
  const asked = options.threads ?? process.env.RESIDUA_THREADS ?? availableParallelism()
  const threads = Number(asked)
  if (!Number.isInteger(threads) || threads < 1 || threads > 1024) {
    const where = options.threads === undefined ? 'RESIDUA_THREADS' : 'threads'
    throw new OptionError(`${where}: expected an integer from 1 to 1024, got '${asked}'`)
  }
  return { threads, zeroCopy: options.zeroCopy ?? true }
}

/** An engine in a worker thread, so that this thread stays free for signals, servers and the next batch. */
class RemoteEngine implements Engine {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #spare = new Map<number, ArrayBuffer[]>()
  #calls = 0
  #closing: Promise<void> | null = null
  /** Why nothing can be called any more. */
  #ended: string | null = null

  constructor(settings: Settings) {
    const activity = watchActivity()
    const workerData = { ...settings, activity } satisfies WorkerSettings
    this.#worker = new Worker(workerFile(), { workerData, execArgv: [] }) // not the caller's --input-type
    this.#worker.on('message', ({ id, result, error, spent }: Answer) => {
      for (const buffer of spent) this.#keep(buffer)
      const pending = this.#pending.get(id)
      this.#pending.delete(id)
      if (this.#pending.size === 0) this.#worker.unref()
      if (error === undefined) pending?.resolve(result)
      else pending?.reject(new EngineError(error))
    })
    this.#worker.on('error', (error) => this.#end(`engine: the worker failed: ${error.message}; open a new model`))
    this.#worker.on('exit', () => {
      forget(activity)
      this.#end('engine: the worker has ended; open a new model')
    })
    this.#worker.unref()
  }

  /** Fresh memory costs a page fault every 4 KiB, so large feeds use that of earlier ones. */
  allocate(type: TensorType): TensorData {
    const buffer = this.#spare.get(sizeOf(type.shape) * bytesPerElement[type.dtype])?.pop()
    return buffer === undefined ? allocate(type) : viewOf(type.dtype, buffer)
  }

  open(spec: ProgramSpec): Promise<number> {
    return this.#call('open', [spec]) as Promise<number>
  }

  run(program: number, feeds: Tensors): Promise<Record<string, HostTensor>> {
    return this.#call('run', [program, feeds], feeds) as Promise<Record<string, HostTensor>>
  }

  rollback(): Promise<void> {
    return this.#call('rollback', []) as Promise<void>
  }

  write(states: Tensors): Promise<void> {
    return this.#call('write', [states]) as Promise<void>
  }

  read(names: readonly string[]): Promise<Record<string, HostTensor>> {
    return this.#call('read', [names]) as Promise<Record<string, HostTensor>>
  }

  release(program: number): Promise<void> {
    return this.#call('release', [program]) as Promise<void>
  }

  close(): Promise<void> {
    this.#closing ??= this.#ended === null ? this.#shut() : Promise.resolve()
    return this.#closing
  }

  async #shut(): Promise<void> {
    await this.#call('close', [])
    this.#end('engine: it was closed; open a new model')
    await this.#worker.terminate()
  }

  /** Feeds are given away; everything else is copied. */
  #call(method: keyof Engine, args: readonly unknown[], given: Tensors = {}): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(new EngineError(this.#ended))
    const id = this.#calls++
    const buffers = new Set(Object.values(given).map((value) => value.data.buffer as ArrayBuffer))
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, method, args } satisfies Call, [...buffers])
      this.#pending.set(id, { resolve, reject })
      this.#worker.ref()
    })
  }

  #keep(buffer: ArrayBuffer): void {
    const kept = this.#spare.get(buffer.byteLength) ?? []
    if (kept.length < spareBuffers) this.#spare.set(buffer.byteLength, [...kept, buffer])
  }

  #end(reason: string): void {
    this.#ended ??= reason
    for (const { reject } of this.#pending.values()) reject(new EngineError(reason))
    this.#pending.clear()
  }
}

/** Opens an engine in a worker thread of Node. */
export function openEngine(options: EngineOptions = {}): Engine {
  return new RemoteEngine(engineSettings(options))
}
