import { choose } from '../../nn/options.ts'

/** The defaults of a task with what was given in their place. Throws OptionError for a name that is not among them. */
export function optionsOf<T extends object>(task: string, defaults: Required<T>, given: T): Required<T> {
  for (const name of Object.keys(given)) choose(`tasks: ${task}`, { ...defaults }, name)
  return { ...defaults, ...given }
}
