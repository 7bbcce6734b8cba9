import { bytesPerElement, sizeOf } from '../../tensor.ts'
import type { Session } from '../session.ts'
import { type DecodeProgram, decodeProgram, type DecodeSize } from './decode-program.ts'

/** A decoding program that is ready to run. */
export interface OpenProgram {
  readonly id: number
  readonly program: DecodeProgram
}

/** Keep so many open: the next generation of the same size begins at once. */
const capacity = 6

/** Weights of more bytes are not copied. */
const mostBytes = 2 ** 30

/**
 * Whether generations take the weights as constants of their session.
 *
 * At GPT-2's size that takes 5 to 10% off the CPU time per token, and costs 0.8 s of CPU time once and 0.7 GB beside weights
 * of 0.5 GB: ONNX Runtime packs a copy, and keeps a tied table twice. One such session is open at a time. While a
 * program that changes the weights is open, as in training, the engine feeds them all the same.
 */
export function takesConstants(session: Session): boolean {
  const { parameters, states } = session.traced
  const bytes = [...parameters.values(), ...states.values()].reduce(
    (total, { value }) => total + sizeOf(value.shape) * bytesPerElement[value.dtype],
    0,
  )
  return bytes <= mostBytes
}

const ofSession = new WeakMap<Session, Map<string, OpenProgram>>()

/** The program of a size, opened once per session; of many sizes the one used longest ago is closed. */
export async function openProgram(session: Session, size: DecodeSize): Promise<OpenProgram> {
  const opened = ofSession.get(session) ?? new Map<string, OpenProgram>()
  ofSession.set(session, opened)
  const key = JSON.stringify(size)
  const known = opened.get(key)
  opened.delete(key)
  if (known === undefined && size.constant) await closeConstants(session, opened)
  const program = known?.program ?? decodeProgram(session.recipe.net, size)
  const entry = known ?? { id: await session.engine.open(program.spec), program }
  opened.set(key, entry) // the newest stands last
  if (opened.size > capacity) {
    const [oldest, { id }] = opened.entries().next().value!
    opened.delete(oldest)
    await session.engine.release(id)
  }
  return entry
}

/** Closes the programs that hold the weights. */
async function closeConstants(session: Session, opened: Map<string, OpenProgram>): Promise<void> {
  for (const [key, { id, program }] of opened) {
    if (program.spec.constant === undefined) continue
    opened.delete(key)
    await session.engine.release(id)
  }
}
