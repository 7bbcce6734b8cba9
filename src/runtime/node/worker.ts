/** The worker thread that holds the engine: one message per call, answered in order. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Tensors } from '../engine.ts'
import { begin, end } from './activity.ts'
import { LocalEngine } from './local.ts'
import type { Answer, Call, WorkerSettings } from './remote.ts'

const { threads, zeroCopy, activity } = workerData as WorkerSettings
const engine = LocalEngine.create(threads, zeroCopy)
const port = parentPort!

const buffersOf = (tensors: Tensors): ArrayBuffer[] =>
  Object.values(tensors).map((value) => value.data.buffer as ArrayBuffer)

/** Feeds worth giving back, bytes. */
const spentBytes = 4096

async function answer({ id, method, args }: Call): Promise<void> {
  if (!begin(activity)) return
  try {
    const call = (await engine)[method] as (...args: unknown[]) => Promise<unknown>
    const result = await call.apply(await engine, [...args])
    const returned = typeof result === 'object' && result !== null ? buffersOf(result as Tensors) : []
    const feeds = method === 'run' ? buffersOf(args[1] as Tensors) : []
    const spent = feeds.filter((buffer) => buffer.byteLength >= spentBytes)
    port.postMessage({ id, result, spent } satisfies Answer, [...returned, ...spent])
  } catch (error) {
    port.postMessage({ id, error: messageOf(error), spent: [] } satisfies Answer)
  } finally {
    end(activity)
  }
}

/** How long the next call is looked for before the thread sleeps: waking it costs about as much, milliseconds. */
const watchMs = 0.2

function watchForCall(): Call | undefined {
  const until = clock.now() + watchMs
  do {
    const received = receiveMessageOnPort(port) as { readonly message: Call } | undefined
    if (received) return received.message
  } while (clock.now() < until)
  return undefined
}

let queue = Promise.resolve()
let queued = 0

async function work(first: Call): Promise<void> {
  await answer(first)
  queued--
  while (queued === 0) {
    const next = watchForCall()
    if (next === undefined) return
    await answer(next)
  }
}

port.on('message', (call: Call) => {
  queued++
  queue = queue.then(() => work(call))
})
