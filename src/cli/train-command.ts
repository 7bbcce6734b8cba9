/** The command that a stored training was begun with. */
import { OptionError } from '../errors.ts'
import { jsonHash } from '../files/json.ts'
import type { Settings } from './settings.ts'
import { settingsOf } from './train-flags.ts'

/** A word of a command line, in quotes where a shell would read something else. */
export const shellWord = (text: string): string =>
  /^[\w./:,=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Arguments as a shell takes them. */
export const shellLine = (parts: readonly string[]): string => parts.map(shellWord).join(' ')

type Said = Readonly<Record<string, unknown>>

/** Flags one by one; those that only go together, together. */
const each = (flags: Said): Said[] => Object.entries(flags).map(([name, value]) => ({ [name]: value }))

/** All flags that settings could come from, those first that decide what others mean where they are left out. */
function flagsOf(settings: Settings): Said[] {
  const { dataFolder, task, holdOut, depth, bottleneck, width, hidden, activation, dropout, wiring } = settings
  const { keyValueHeads, sample, ...language } = settings.gpt ?? { keyValueHeads: null, sample: null }
  const { optimizer, learningRate, schedule, steps, epochs, warmup, momentum, weightDecay, clipNorm } = settings
  const { batchSize, accumulate, evaluateEvery, checkpointEvery, probeEvery, probes, earlyStopping, seed } = settings
  return [
    ...each({ dataFolder, task, holdOut, depth, bottleneck: bottleneck || null, width }),
    ...each({ ...language, kvHeads: keyValueHeads }),
    ...(sample ? [{ sampleEvery: sample.every, prompt: sample.prompt }, { sampleTokens: sample.tokens }] : []),
    ...each({ hidden, activation, dropout: dropout || null, wiring, optimizer, learningRate, schedule }),
    ...each({ steps, epochs, warmup, momentum, weightDecay, clipNorm: clipNorm ?? 0, batchSize, accumulate }),
    ...each({ evaluateEvery, checkpointEvery, probeEvery, probes, earlyStopping, seed }),
  ].filter((flags) => Object.values(flags).every((value) => value !== null))
}

/** What a command without these flags means. */
const unsaid = { optimizer: 'adamW', accumulate: 1, checkpointEvery: 500, probeEvery: 0, seed: 0 }

function words(name: string, value: unknown): string[] {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  if (typeof value === 'boolean') return [`--${value ? '' : 'no-'}${flag}`]
  if (Array.isArray(value)) return [`--${flag}`, value.join(',')]
  return [`--${flag}`, typeof value === 'string' ? value : JSON.stringify(value)]
}

/**
 * `residua train mlp --data ...`: the shortest command line that means stored settings; null where none does, as for a
 * fine-tuning, whose settings do not say what it began with.
 */
export function trainCommandLine(settings: Settings): string | null {
  const { model, data } = settings
  const hash = (meant: Settings): string => jsonHash(JSON.parse(JSON.stringify(meant)), 'settings')
  const meaning = (flags: Said): string => hash(settingsOf(model, { ...unsaid, data, ...flags }))
  let said: Said = { data }
  try {
    for (const flags of flagsOf(settings)) {
      const more = { ...said, ...flags }
      if (meaning(more) !== meaning(said)) said = more
    }
    if (meaning(said) !== hash(settings)) return null
  } catch (error) {
    if (error instanceof OptionError) return null
    throw error
  }
  const line = Object.entries(said).flatMap(([name, value]) => words(name, value))
  return shellLine(['residua', 'train', model, ...line])
}
