import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, OptionError } from '../errors.ts'
import { type Experiment, isExperiment } from '../lab/experiment/experiment.ts'

type Modules = Readonly<Record<string, () => Promise<{ readonly default: object }>>>

/** The experiments of this package by their ids; built beside the commands. */
export async function experimentModules(): Promise<Modules> {
  const path = fileURLToPath(new URL('../experiments/index.js', import.meta.url))
  try {
    const { experiments } = (await import(path)) as { readonly experiments: Modules }
    return experiments
  } catch (error) {
    throw new OptionError(`claims: ${path}: cannot be loaded: ${messageOf(error)}. In a checkout, run: npm run build`)
  }
}

/** An experiment of this package; null where there is none of this id. */
export async function experimentWith(id: string): Promise<Experiment | null> {
  const load = (await experimentModules())[id]
  if (load === undefined) return null
  const { default: found } = await load()
  if (isExperiment(found)) return found
  throw new OptionError(`claims: the module of ${id} has no experiment as default export`)
}

const sources = fileURLToPath(new URL('../../experiments', import.meta.url))

/** What was built of a TypeScript file in this package's `experiments/`; null for other files. */
export function builtExperiment(file: string): string | null {
  if (!file.endsWith('.ts') || !existsSync(file) || realpathSync(dirname(resolve(file))) !== realpathSync(sources))
    return null
  return fileURLToPath(new URL(`../experiments/${basename(file, '.ts')}.js`, import.meta.url))
}
