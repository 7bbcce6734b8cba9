/**
 * Whether an engine's worker is in a call, shared with the thread that owns it. A process that exits must wait for the call
 * in progress: ending a thread inside ONNX Runtime aborts the whole process, and its exit code is lost.
 */
export type Activity = Int32Array<SharedArrayBuffer>

const [working, stopping] = [0, 1] as const

/** Longest wait of an exiting process for the calls in progress, milliseconds. */
const exitWaitMs = 10_000

const watched = new Set<Activity>()

function waitForAll(): void {
  for (const activity of watched) Atomics.store(activity, stopping, 1)
  for (const activity of watched) Atomics.wait(activity, working, 1, exitWaitMs)
}

/** The activity of a new worker; the process waits for it when it exits, until `forget`. */
export function watchActivity(): Activity {
  if (watched.size === 0) process.on('exit', waitForAll)
  const activity = new Int32Array(new SharedArrayBuffer(8))
  watched.add(activity)
  return activity
}

/** To be called when the worker has ended. */
export function forget(activity: Activity): void {
  watched.delete(activity)
  if (watched.size === 0) process.off('exit', waitForAll)
}

/** In the worker: the call is over. */
export function end(activity: Activity): void {
  Atomics.store(activity, working, 0)
  Atomics.notify(activity, working)
}

/** In the worker: a call begins; false when none may begin any more. */
export function begin(activity: Activity): boolean {
  Atomics.store(activity, working, 1)
  if (Atomics.load(activity, stopping) === 0) return true
  end(activity)
  return false
}
