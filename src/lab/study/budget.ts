import { OptionError } from '../../errors.ts'
import { isFloat, sizeOf } from '../../tensor.ts'
import type { TaskData } from './task.ts'

/** How long every cell is trained: exactly one of both. */
export interface Budget {
  /** Updates. */
  readonly steps?: number
  /** Tokens, rounded up to whole updates. */
  readonly tokens?: number
}

/** Tokens of an example. Throws OptionError where examples are not made of tokens. */
function tokensOf({ train: { inputs } }: TaskData): number {
  if (isFloat(inputs))
    throw new OptionError('study: tokens: the examples of this task are not made of tokens; give steps')
  return sizeOf(inputs.shape)
}

/**
 * The updates of a budget: `ceil(tokens / (batchSize x tokens of an example))`.
 *
 * Throws OptionError for both or none, a number that is not whole and positive, examples without tokens, and arms whose
 * examples have different numbers of them.
 */
export function stepsOf({ steps, tokens }: Budget, batchSize: number, data: readonly TaskData[]): number {
  if ((steps === undefined) === (tokens === undefined))
    throw new OptionError(`study: expected steps or tokens, got ${steps === undefined ? 'neither' : 'both'}`)
  const [name, given] = steps === undefined ? (['tokens', tokens!] as const) : (['steps', steps] as const)
  if (!Number.isSafeInteger(given) || given < 1)
    throw new OptionError(`study: ${name} must be a whole number of at least 1, got ${given}`)
  if (name === 'steps') return given
  const each = new Set(data.map(tokensOf))
  if (each.size > 1)
    throw new OptionError(`study: tokens: examples of its arms have ${[...each].join(' and ')} tokens; give steps`)
  const [length] = each
  return Math.ceil(given / (batchSize * length!))
}
