import { fork } from 'node:child_process'
import { EngineError } from '../../errors.ts'
import type { TensorType } from '../../tensor.ts'
import type { ProgramSpec } from '../engine.ts'

/** A program with the types of all that it reads and writes. */
export interface MeasuredProgram {
  readonly spec: ProgramSpec
  readonly feeds: Readonly<Record<string, TensorType>>
  /** What the engine keeps for it between runs. */
  readonly states: Readonly<Record<string, TensorType>>
  readonly outputs: Readonly<Record<string, TensorType>>
}

/** What a process is asked to run: on tensors of their own, each given back as soon as it is free, or in an engine. */
export interface FootprintRequest {
  readonly mode: 'tensors' | 'engine'
  readonly programs: readonly MeasuredProgram[]
  readonly threads: number
}

export interface Footprint {
  /** Bytes of tensors at the highest point of the second run. */
  readonly live: number
  /** Bytes by which the memory of a process with an engine has grown at that point, sessions and arenas included. */
  readonly resident: number
}

/** Sources run under vitest, which cannot start a process from TypeScript: there it is the built one. */
const processFile = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/runtime/node/footprint-process.js', import.meta.url)
    : new URL('./footprint-process.js', import.meta.url)

/** From this size on, bytes, a tensor gets pages of its own, which return to the system with it. */
const ownPages = 65_536

function ask(request: FootprintRequest): Promise<number> {
  const env = request.mode === 'tensors' ? { ...process.env, MALLOC_MMAP_THRESHOLD_: String(ownPages) } : process.env
  const child = fork(processFile(), { env, execArgv: ['--expose-gc'], serialization: 'advanced' })
  return new Promise((resolve, reject) => {
    child.on('message', (bytes: number) => resolve(bytes))
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      reject(new EngineError(`footprint: the process that measures ended with ${signal ?? code}`)),
    )
    child.send(request)
  })
}

/** Runs programs twice, one after the other, each time in a new process, and measures its memory. Throws EngineError off Linux. */
export async function footprint(programs: readonly MeasuredProgram[], threads: number): Promise<Footprint> {
  if (process.platform !== 'linux') {
    throw new EngineError(`footprint: memory is measured in /proc, which ${process.platform} lacks; leave it out`)
  }
  const live = await ask({ mode: 'tensors', programs, threads })
  return { live, resident: await ask({ mode: 'engine', programs, threads }) }
}
