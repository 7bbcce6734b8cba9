import type { Session } from '../session.ts'
import { type DecodeProgram, decodeProgram, type DecodeSize } from './decode-program.ts'

/** A decoding program that is ready to run. */
export interface OpenProgram {
  readonly id: number
  readonly program: DecodeProgram
}

/** Keep so many open: the next generation of the same size begins at once. */
const capacity = 6

const ofSession = new WeakMap<Session, Map<string, OpenProgram>>()

/** The program of a size, opened once per session; of many sizes the one used longest ago is closed. */
export async function openProgram(session: Session, size: DecodeSize): Promise<OpenProgram> {
  const opened = ofSession.get(session) ?? new Map<string, OpenProgram>()
  ofSession.set(session, opened)
  const key = JSON.stringify(size)
  const known = opened.get(key)
  opened.delete(key)
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
