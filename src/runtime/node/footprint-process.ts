/** A process that runs programs for the sake of the memory they take: one request, one number of bytes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { allocate, type HostTensor, type TensorType } from '../../tensor.ts'
import type { FootprintRequest, MeasuredProgram } from './footprint.ts'
import { LocalEngine } from './local.ts'
import { sessionOptions } from './session-options.ts'
import { runUntilStopped } from './stop.ts'

/** A figure of this process in /proc, bytes. */
function memory(name: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))
  return 1024 * Number(found?.[1])
}

/** What the process takes now, garbage apart; its highest point is counted from here on. */
function startCounting(): number {
  globalThis.gc?.()
  writeFileSync('/proc/self/clear_refs', '5')
  return memory('VmRSS')
}

/** A tensor whose pages are all there. */
function filled(type: TensorType): HostTensor {
  const data = allocate(type)
  data.fill(type.dtype === 'float32' ? 0.01 : 0)
  return { ...type, data }
}

const fillAll = (types: Readonly<Record<string, TensorType>>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, filled(type)]))

const statesOf = (programs: readonly MeasuredProgram[]): Record<string, TensorType> =>
  Object.fromEntries(programs.flatMap(({ states }) => Object.entries(states)))

const toOrt = ({ dtype, shape, data }: HostTensor): Tensor => new Tensor(dtype, data as Float32Array, shape)

const toOrtAll = (tensors: Readonly<Record<string, HostTensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]))

async function inTensors({ programs, threads }: FootprintRequest): Promise<number> {
  const options = { ...sessionOptions(threads), enableCpuMemArena: false }
  const sessions = await Promise.all(programs.map(({ spec }) => InferenceSession.create(spec.model, options)))
  const before = startCounting()
  const states = toOrtAll(fillAll(statesOf(programs)))
  for (const [i, { spec, feeds, outputs }] of programs.entries()) {
    const session = sessions[i]!
    const given = { ...states, ...toOrtAll(fillAll(feeds)) }
    const inputs = Object.fromEntries(session.inputNames.map((name) => [name, given[name]!]))
    const fetches = { [spec.stop!]: null, ...toOrtAll(fillAll(outputs)) }
    for (let run = 0; run < 2; run++) await runUntilStopped(session, inputs, fetches)
  }
  return memory('VmHWM') - before
}

async function inEngine({ programs, threads }: FootprintRequest): Promise<number> {
  const engine = await LocalEngine.create(threads, true)
  const before = startCounting()
  await engine.write(fillAll(statesOf(programs)))
  let peak = 0
  for (const { spec, feeds } of programs) {
    const program = await engine.open(spec)
    const given = fillAll(feeds)
    for (let run = 0; run < 2; run++) {
      startCounting()
      await engine.run(program, given)
      await engine.rollback() // what constants give may not be finite
    }
    peak = Math.max(peak, memory('VmHWM'))
  }
  return peak - before
}

process.once('message', (request: FootprintRequest) => {
  const measure = request.mode === 'tensors' ? inTensors : inEngine
  void measure(request).then((bytes) => {
    process.send!(bytes)
    process.disconnect()
  })
})
