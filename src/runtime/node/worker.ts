/** The worker thread that holds the engine: one message per call, answered in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../errors.ts'
import type { HostTensor } from '../../tensor.ts'
import { begin, end } from './activity.ts'
import { LocalEngine } from './local.ts'
import type { Answer, Call, WorkerSettings } from './remote.ts'

const { threads, zeroCopy, activity } = workerData as WorkerSettings
const engine = LocalEngine.create(threads, zeroCopy)

function buffersOf(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  return Object.values(result as Record<string, HostTensor>).map((value) => value.data.buffer as ArrayBuffer)
}

async function answer({ id, method, args }: Call): Promise<void> {
  if (!begin(activity)) return
  try {
    const call = (await engine)[method] as (...args: unknown[]) => Promise<unknown>
    const result = await call.apply(await engine, [...args])
    parentPort?.postMessage({ id, result } satisfies Answer, buffersOf(result))
  } catch (error) {
    parentPort?.postMessage({ id, error: messageOf(error) } satisfies Answer)
  } finally {
    end(activity)
  }
}

let queue = Promise.resolve()
parentPort?.on('message', (call: Call) => {
  queue = queue.then(() => answer(call))
})
