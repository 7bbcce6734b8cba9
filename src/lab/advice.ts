import { OptionError } from '../errors.ts'
import { attends, type Branch } from '../nn/wiring/protocol.ts'
import { nameOf } from '../nn/wiring/variant.ts'
import type { Block } from '../nn/wiring/wire.ts'
import { resolveWiring, warningsOf, type Wiring } from '../nn/wiring/wiring.ts'
import { adviceSentence } from './advice-text.ts'
import { type Objection, objections } from './objections.ts'
import { forecast, type Forecast, type NoForecast } from './forecast.ts'
import type { ScanOptions } from './initial-pass.ts'
import { type Scan, scan } from './scan.ts'
import { skipGain } from './skip-gain.ts'
import { type Stack, type StackShape, stackOf } from './stack.ts'
import type { Bilingual } from './verdict/bilingual.ts'
import { warningText } from './warning-text.ts'

/** Another setting to try. */
export interface Candidate {
  readonly change: string
  readonly wiring: Wiring
  /** The change is a warm-up, and leaves the wiring as it is. */
  readonly warmup?: true
}

/**
 * Sound: nothing at initialisation speaks against it. Undecided: what does, a warm-up may carry it past, and only training
 * can tell.
 */
export type Judgement = 'sound' | 'unsound' | 'undecided'

/** A setting as it was measured. */
export interface Judged extends Candidate {
  readonly scan: Scan
  /** Of the gradient, through the skips alone. */
  readonly skipGain: number
  readonly objections: readonly Objection[]
  readonly judgement: Judgement
}

/** Whether a wiring will train, and the cheapest change that was found to cure it. */
export interface Advice {
  readonly trains: boolean
  /** The wiring itself, as it was measured. */
  readonly asked: Judged
  /** What speaks against it. */
  readonly objections: readonly Objection[]
  /** What to think about before training with it. */
  readonly warnings: readonly Bilingual[]
  /** The first candidate against which nothing speaks, as it was measured; null where there is none, or no need. */
  readonly fix: Judged | null
  /** Candidates that were measured, cheapest first, up to the fix or, where asked for, all of them. */
  readonly tried: readonly Judged[]
  readonly sentence: Bilingual
}

export interface AdviseOptions extends ScanOptions {
  /** Of the training that is asked about. Default 0. */
  readonly warmupSteps?: number
  /** Whether candidates dearer than the fix are measured, too, and all of them where there is no need. Default false. */
  readonly all?: boolean
  /** Told which one is being tried. */
  readonly see?: (candidate: Candidate) => void
}

const isPossible = (wiring: Wiring): boolean => {
  try {
    resolveWiring(wiring)
    return true
  } catch (error) {
    if (error instanceof OptionError) return false
    throw error
  }
}

/** Whether two wirings are one net. */
export const sameWiring = (a: Wiring, b: Wiring): boolean =>
  JSON.stringify(resolveWiring(a)) === JSON.stringify(resolveWiring(b))

/** Whether a wiring warns of a training without warm-up. */
function wantsWarmup(wiring: Wiring, seats: number, attention: boolean): boolean {
  const count = (warmupSteps: number): number => warningsOf(wiring, { seats, warmupSteps, attention }).length
  return count(0) > count(1)
}

/** Changes that may cure a wiring without warm-up, from the cheapest to the dearest. */
export function candidates(wiring: Wiring, seats: number, attention: boolean): Candidate[] {
  const { norm, placement, branchScale, qkNorm, finalNorm } = resolveWiring(wiring)
  const asked = norm !== 'none' && isPossible({ norm, placement: 'pre' }) ? (wiring.norm ?? 'layer') : 'layer'
  const endless = finalNorm === 'omitted' || nameOf(placement) === 'none'
  const ended: Wiring = { ...wiring, norm: asked, placement, finalNorm: true }
  const scaled = { branchScale: { exponent: 0.5 } }
  const choices: readonly (Candidate | false)[] = [
    endless && { change: 'a final norm', wiring: ended },
    branchScale === 1 && { change: 'branches times 1/sqrt(n)', wiring: { ...wiring, ...scaled } },
    endless && { change: 'a final norm and branches times 1/sqrt(n)', wiring: { ...ended, ...scaled } },
    { change: 'pre-norm', wiring: { norm: asked, placement: 'pre' } },
    attention && qkNorm === false && { change: 'norms on queries and keys', wiring: { ...wiring, qkNorm: true } },
    wantsWarmup(wiring, seats, attention) && { change: 'a warm-up', wiring, warmup: true },
    { change: 'DeepNorm', wiring: { norm: asked, placement: 'deepNorm' } },
  ]
  return choices
    .filter((choice) => choice !== false)
    .filter((choice) => isPossible(choice.wiring) && (choice.warmup === true || !sameWiring(choice.wiring, wiring)))
}

const holdsAttention = (block: Block): boolean =>
  (typeof block === 'function' ? [block] : Object.values(block)).some((layer) =>
    attends((layer as Partial<Branch>).kind ?? ''),
  )

/** The gain through the skips: forecast where there is a closed form, else measured. */
export const throughSkips = async (
  wiring: Wiring,
  stack: Stack,
  predicted: Forecast | NoForecast,
  options: ScanOptions,
): Promise<number> => ('reason' in predicted ? skipGain(wiring, stack, options) : predicted.skipGain)

/** What arises in the first steps of training, and not while the rate is still low. */
const comesInTraining = ({ name }: Objection): boolean => name === 'weakSkips' || name === 'tokensAlike'

/** A setting of which scan and gain are known. */
function judged(candidate: Candidate, measured: Scan, gain: number, warm: boolean): Judged {
  const found = objections(measured, gain)
  const judgement = found.length === 0 ? 'sound' : warm && found.every(comesInTraining) ? 'undecided' : 'unsound'
  return { ...candidate, scan: measured, skipGain: gain, objections: found, judgement }
}

/**
 * Says from what was measured whether a wiring will train and, where it will not, which change is the cheapest: a final
 * norm, branches times 1/sqrt(n), pre-norm, norms on queries and keys, a warm-up, DeepNorm. Each is scanned at the same
 * depth, and recommended only if nothing speaks against it; of a warm-up no scan can say so.
 */
export async function advise(
  wiring: Wiring,
  shape: Stack | StackShape,
  measured: Scan,
  gain: number,
  options: AdviseOptions = {},
): Promise<Advice> {
  const { warmupSteps = 0, all = false, see } = options
  const stack = stackOf(shape)
  const attention = stack.blocks.some(holdsAttention)
  const warm = warmupSteps > 0
  const asked = judged({ change: 'as asked', wiring }, measured, gain, warm && wantsWarmup(wiring, Infinity, attention))
  const seats = measured.profile.stream.length - 1
  const warnings = warningsOf(wiring, { seats, warmupSteps, attention }).map(warningText)
  const trains = asked.objections.length === 0
  const tried: Judged[] = []
  const fixOf = (): Judged | undefined => tried.find(({ judgement }) => judgement === 'sound')

  for (const candidate of trains && !all ? [] : candidates(wiring, seats, attention)) {
    if (candidate.warmup) {
      if (!warm) tried.push(judged(candidate, measured, gain, true))
      continue
    }
    see?.(candidate)
    const scanned = await scan(candidate.wiring, stack, options)
    const predicted = await forecast(candidate.wiring, stack, options)
    tried.push(judged(candidate, scanned, await throughSkips(candidate.wiring, stack, predicted, options), false))
    if (!all && fixOf()) break
  }
  const fix = trains ? null : (fixOf() ?? null)
  const sentence = adviceSentence(asked, fix, stack.blocks.length)
  return { trains, asked, objections: asked.objections, warnings, fix, tried, sentence }
}
