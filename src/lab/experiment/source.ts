import { readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jsonHash } from '../../files/json.ts'
import type { Experiment } from './experiment.ts'

/** The files below its own folder that a module imports. */
const importsOf = (path: string, code: string): string[] =>
  [...code.matchAll(/^(?:import|export|\}) ?[^'"]*['"](\.\/[^'"]+)['"]/gm)].map(([, to]) => join(dirname(path), to!))

/** Digest of an experiment: of its file and of every file that it imports from its folder and below. */
export function sourceOf({ file }: Pick<Experiment, 'file'>): string {
  const path = fileURLToPath(file)
  const texts = new Map<string, string>()
  const read = (one: string): void => {
    if (texts.has(one) || !one.startsWith(dirname(path) + sep)) return
    const code = readFileSync(one, 'utf8')
    texts.set(one, code)
    importsOf(one, code).forEach(read)
  }
  read(path)
  return jsonHash([...texts.values()].join(''), file)
}
