import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { EngineError, messageOf } from '../../errors.ts'

/** Runs a model with a stop output. Throws whatever stopped it other than that output. */
export async function runUntilStopped(
  session: InferenceSession,
  inputs: Record<string, Tensor>,
  fetches: Record<string, Tensor | null>,
): Promise<void> {
  try {
    await session.run(inputs, fetches)
  } catch (error) {
    if (!messageOf(error).includes('Non tensor type')) throw error
    return
  }
  throw new EngineError('internal: the stop output did not stop the run')
}
