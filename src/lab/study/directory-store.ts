import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { custom, enum as oneOf, exactOptional, int, nullable, number, record, strictObject, string } from 'zod'
import { DataError } from '../../errors.ts'
import { writeAtomic } from '../../files/atomic.ts'
import { diskError, readText } from '../../files/disk.ts'
import { checkJson, exactJson, isJsonObject, jsonHash, parseJson } from '../../files/json.ts'
import { type LeaseOptions, takeLease } from './lease.ts'
import { format, needKnownFormat, planPath, planText, readPlanFile } from './plan-file.ts'
import type { CellResult, Claim, Store } from './store.ts'
import { writeOnce } from './write-once.ts'

const resultSchema = strictObject({
  format: int(),
  id: string(),
  setting: custom<object>(isJsonObject, 'expected the setting of a cell'),
  outcome: strictObject({
    state: oneOf(['trained', 'plateaued', 'diverged']),
    metrics: record(string(), number()),
    step: exactOptional(int().nonnegative()),
    trainLoss: exactOptional(nullable(number())),
  }),
  versions: record(string(), string()),
  commit: exactOptional(string()),
  digest: string(),
})

function readResult(path: string, id: string): CellResult | null {
  if (!existsSync(path)) return null
  const { format: stored, digest, ...result } = checkJson(parseJson(readText(path), path), resultSchema, path)
  needKnownFormat(stored, path)
  if (result.id !== id || digest !== jsonHash(result, path))
    throw new DataError(
      `${path}: its digest does not match: it was edited or damaged. Delete it, and the cell is run again`,
    )
  return result
}

/**
 * A study in a folder: `plan.json`, `cells/{id}/` (leases, and a folder per attempt at the cell), `results/{id}.json`, plan
 * and results with a digest. Any number of processes may work on it, on any number of machines that share the folder; what one that died has
 * left is taken over.
 */
export function directoryStore(folder: string, leases: LeaseOptions = {}): Store {
  const path = (...names: string[]): string => join(folder, ...names)
  const make = (...names: string[]): void => {
    try {
      mkdirSync(path(...names), { recursive: true })
    } catch (error) {
      throw diskError('write', path(...names), error)
    }
  }
  const resultPath = (id: string): string => path('results', `${id}.json`)
  return {
    plan: () => readPlanFile(folder)?.plan ?? null,
    writePlan(plan) {
      make()
      writeAtomic(planPath(folder), planText(plan))
    },
    result: (id) => readResult(resultPath(id), id),
    claim(id): Claim | null {
      if (existsSync(resultPath(id))) return null
      make('results')
      make('cells', id)
      const lease = takeLease(path('cells', id), leases)
      if (lease === null) return null
      if (existsSync(resultPath(id))) {
        lease.release()
        return null
      }
      const { lost, release } = lease
      return {
        folder: path('cells', id, `run-${lease.attempt}`),
        lost,
        publish(result) {
          const whole = { format, ...result, digest: jsonHash(result, 'result') }
          const kept = lease.held() && writeOnce(resultPath(id), exactJson(whole, 'result'))
          if (!kept && !lease.held()) lost.throwIfAborted() // another worker may have come in between
        },
        release,
      }
    },
    write(name, content) {
      make()
      writeAtomic(path(name), content)
    },
  }
}
