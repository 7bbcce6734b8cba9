import { InferenceSession, Tensor } from 'onnxruntime-node'
import { graph } from '../../graph/graph.ts'
import { input } from '../../graph/value.ts'
import { toOnnx } from '../../onnx/model.ts'
import { add, mul } from '../../ops/arithmetic.ts'
import { sum } from '../../ops/broadcast.ts'
import { runUntilStopped } from './stop.ts'

let verdict: Promise<boolean> | undefined

/** Whether outputs of this ONNX Runtime land in the buffers given for them, step after step. Asked once per process. */
export function zeroCopyWorks(): Promise<boolean> {
  verdict ??= runSelfTest().catch(() => false)
  return verdict
}

/** p <- 2 p + 1 on two swapped buffers, three times, with the sum as a result. */
async function runSelfTest(): Promise<boolean> {
  const p = input('p', 'float32', [3])
  const next = add(mul(p, 2), 1)
  const model = toOnnx(graph({ next, total: sum(next) }), { target: 'cpu', stop: 'stop' })
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 })
  try {
    let current = new Tensor('float32', Float32Array.of(0, 1, 2), [3])
    let spare = new Tensor('float32', new Float32Array(3), [3])
    const total = new Tensor('float32', new Float32Array(1), [])
    for (let step = 0; step < 3; step++) {
      await runUntilStopped(session, { p: current }, { stop: null, next: spare, total })
      ;[current, spare] = [spare, current]
    }
    return Array.from(current.data).join() === '7,15,23' && total.data[0] === 45
  } finally {
    await session.release()
  }
}
