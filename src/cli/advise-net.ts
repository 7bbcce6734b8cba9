/** The net that `residua advise` is asked about: out of flags, answers and the defaults of its kind. */
import { OptionError } from '../errors.ts'
import type { NetKind } from '../lab/stored-runs.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { kindNames, kinds, type NetWanted } from './advise-kinds.ts'
import type { Question } from './advise-questions.ts'
import { count, readWiring } from './options.ts'
import { positive } from './train-option.ts'

/** What was said of the net; the rest is asked for, or taken as the kind has it. */
export interface NetFlags {
  readonly kind?: NetKind
  readonly depth?: number
  readonly width?: number
  readonly heads?: number
  readonly length?: number
  readonly batchSize?: number
  readonly learningRate?: number
  readonly warmup?: number
  readonly wiring?: Wiring
  readonly data?: string
}

/** Whether a kind has tokens, and attention between them. */
const isText = (kind: NetKind): boolean => kinds[kind].defaults.length !== null

/** Heads of 16 features or the next larger even size that divides the width. */
function headsFor(width: number): number {
  const most = Math.max(1, Math.floor(width / 16))
  return (
    Array.from({ length: most }, (_, i) => most - i).find(
      (heads) => width % heads === 0 && (width / heads) % 2 === 0,
    ) ?? 1
  )
}

/** Fills in what was not said. Throws OptionError for what the kind does not have. */
export function wantedOf(flags: NetFlags): NetWanted {
  const { kind = 'mlp', heads, length, learningRate = 1e-3, warmup: warmupSteps = 0 } = flags
  const { defaults } = kinds[kind]
  const { depth: blocks = defaults.blocks, width = defaults.width, batchSize = defaults.batchSize } = flags
  const { data = defaults.data, wiring = defaults.wiring } = flags
  const common = { kind, blocks, width, batchSize, learningRate, warmupSteps, data, wiring }
  if (isText(kind)) return { ...common, heads: heads ?? headsFor(width), length: length ?? defaults.length }
  const foreign = Object.entries({ heads, length }).find(([, value]) => value !== undefined)
  if (foreign) throw new OptionError(`advise: --${foreign[0]}: ${kind} has none; leave it out, or choose another kind`)
  return { ...common, heads: null, length: null }
}

const readKind = (answer: string): NetKind => {
  const kind = kindNames.find((name) => name === answer)
  if (kind === undefined) throw new OptionError(`Expected one of ${kindNames.join(', ')}.`)
  return kind
}

/** The questions for what the flags leave open. */
export function questions(flags: NetFlags): ((answers: NetFlags) => Question | null)[] {
  const kindOf = (answers: NetFlags): NetKind => flags.kind ?? answers.kind!
  const presets = (answers: NetFlags): NetWanted => wantedOf({ ...answers, ...flags, kind: kindOf(answers) })
  type Ask = readonly [name: keyof NetFlags, text: string, preset: (net: NetWanted) => unknown, read: Question['read']]
  const sizes = count(1, 65_536)
  const always: readonly Ask[] = [
    ['depth', 'How many residual blocks?', ({ blocks }) => blocks, count(1, 1000)],
    ['width', 'How wide is the stream?', ({ width }) => width, sizes],
  ]
  const ofText: readonly Ask[] = [
    ['heads', 'How many attention heads?', ({ heads }) => heads, sizes],
    ['length', 'How many tokens in an example?', ({ length }) => length, count(2, 2 ** 20)],
  ]
  const training: readonly Ask[] = [
    ['batchSize', 'How many examples in a batch?', ({ batchSize }) => batchSize, count(1)],
    ['learningRate', 'Which learning rate?', ({ learningRate }) => learningRate, positive],
    ['warmup', 'How many steps of warm-up?', ({ warmupSteps }) => warmupSteps, count(0)],
    ['wiring', 'How is it wired, as JSON?', ({ wiring }) => JSON.stringify(wiring), readWiring],
  ]
  const asking =
    (only: (kind: NetKind) => boolean) =>
    ([name, text, preset, read]: Ask) =>
    (answers: NetFlags): Question | null =>
      flags[name] !== undefined || !only(kindOf(answers))
        ? null
        : { name, text, preset: String(preset(presets(answers))), read }
  const kind: Question = { name: 'kind', text: `What is it (${kindNames.join(', ')})?`, preset: 'mlp', read: readKind }
  return [
    () => (flags.kind === undefined ? kind : null),
    ...always.map(asking(() => true)),
    ...ofText.map(asking(isText)),
    ...training.map(asking(() => true)),
  ]
}
