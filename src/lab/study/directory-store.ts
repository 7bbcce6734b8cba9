import { existsSync, linkSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { custom, enum as oneOf, int, nullable, number, record, strictObject, string } from 'zod'
import { DataError, OptionError } from '../../errors.ts'
import { discard, temporaryName, writeAtomic, writeSynced } from '../../files/atomic.ts'
import { diskError, readText, systemCode } from '../../files/disk.ts'
import { checkJson, exactJson, isJsonObject, jsonHash, type JsonObject, parseJson } from '../../files/json.ts'
import { lockRun } from '../../train/files/lock.ts'
import type { Setting } from './setting.ts'
import type { CellResult, Claim, Store } from './store.ts'

const resultSchema = strictObject({
  format: int(),
  id: string(),
  setting: custom<Setting>(isJsonObject, 'expected the setting of a cell'),
  outcome: strictObject({
    state: oneOf(['trained', 'plateaued', 'diverged']),
    step: int().nonnegative(),
    trainLoss: nullable(number()),
    metrics: record(string(), number()),
  }),
  versions: record(string(), string()),
  digest: string(),
})

/** What the files of this version of the lab look like. */
const format = 1

function readResult(path: string, id: string): CellResult | null {
  if (!existsSync(path)) return null
  const { format: stored, digest, ...result } = checkJson(parseJson(readText(path), path), resultSchema, path)
  if (stored > format)
    throw new DataError(`${path}: it is of a newer version (format ${stored}, this one reads ${format})`)
  if (result.id !== id || digest !== jsonHash(result, path))
    throw new DataError(
      `${path}: its digest does not match: it was edited or damaged. Delete it, and the cell is run again`,
    )
  return result
}

/** Gives a new file its name unless there is one: of several writers the first wins. */
function writeOnce(path: string, content: string): void {
  const temporary = join(path, '..', temporaryName())
  try {
    writeSynced(temporary, content)
    linkSync(temporary, path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw diskError('write', path, error)
  } finally {
    discard(temporary)
  }
}

/**
 * A study in a folder: `plan.json`, `cells/{id}/` (a lock and the run of the cell), `results/{id}.json` with a digest. Any
 * number of processes of one machine may work on it; what one that died has left is taken over.
 */
export function directoryStore(folder: string): Store {
  const path = (...names: string[]): string => join(folder, ...names)
  const make = (...names: string[]): void => {
    try {
      mkdirSync(path(...names), { recursive: true })
    } catch (error) {
      throw diskError('write', path(...names), error)
    }
  }
  make('results')
  const resultPath = (id: string): string => path('results', `${id}.json`)
  return {
    plan() {
      if (!existsSync(path('plan.json'))) return null
      const plan = parseJson(readText(path('plan.json')), path('plan.json'))
      if (isJsonObject(plan)) return plan
      throw new DataError(`${path('plan.json')}: expected a JSON object`)
    },
    writePlan: (plan: JsonObject) => writeAtomic(path('plan.json'), exactJson(plan, 'plan')),
    result: (id) => readResult(resultPath(id), id),
    claim(id): Claim | null {
      if (existsSync(resultPath(id))) return null
      make('cells', id)
      let lock: { release(): void }
      try {
        lock = lockRun(path('cells', id))
      } catch (error) {
        if (error instanceof OptionError) return null // another worker has it
        throw error
      }
      if (existsSync(resultPath(id))) {
        lock.release()
        return null
      }
      return {
        folder: path('cells', id, 'run'),
        publish(result) {
          const whole = { format, ...result, digest: jsonHash(result, 'result') }
          writeOnce(resultPath(id), exactJson(whole, 'result'))
        },
        release: () => lock.release(),
      }
    },
    write: (name, content) => writeAtomic(path(name), content),
  }
}
