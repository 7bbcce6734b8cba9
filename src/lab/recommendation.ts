import { OptionError } from '../errors.ts'
import { needPositive } from '../nn/options.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { advise, type Candidate, type Judged, throughSkips } from './advice.ts'
import { forecast } from './forecast.ts'
import { type GrowthLaw, growthLaw } from './growth.ts'
import type { ScanOptions } from './initial-pass.ts'
import { bounds, objections } from './objections.ts'
import { scan } from './scan.ts'
import type { ShortTraining } from './short-training.ts'
import type { Stack } from './stack.ts'
import { decided, matching, type NetKind, type StoredRuns } from './stored-runs.ts'
import type { Bilingual } from './verdict/bilingual.ts'

/** A net that somebody wants to train. */
export interface Wanted {
  readonly kind: NetKind
  readonly blocks: number
  readonly width: number
  readonly learningRate: number
  readonly warmupSteps: number
  readonly wiring: Wiring
}

/** Whether a setting is expected to train; open where only training can tell. */
export type Expectation = 'trains' | 'fails' | 'open'

/** A setting with all that is known of it. */
export interface Weighed extends Judged {
  /** Of the stream, as measured. */
  readonly growth: GrowthLaw | null
  /** What stored studies ran of it nearby. */
  readonly stored: readonly StoredRuns[]
  readonly expected: Expectation
  readonly by: 'scan' | 'studies' | 'training'
  /** The short training that was run to check it; null where none was. */
  readonly checked: ShortTraining | null
}

export interface Recommendation {
  readonly asked: Weighed
  /** From the cheapest to the dearest. */
  readonly candidates: readonly Weighed[]
  /** The cheapest setting that is expected to train; null where none is. */
  readonly choice: Weighed | null
  /** So few sublayers that the wiring hardly matters. */
  readonly shallow: boolean
  /** Rules of thumb to think about where the wiring is kept; of what is left for something measured they are pointless. */
  readonly warnings: readonly Bilingual[]
}

export interface RecommendOptions extends ScanOptions {
  readonly stored?: readonly StoredRuns[]
  /** Trains a setting for a few steps: settings expected to train are checked, cheapest first. */
  readonly train?: (setting: Judged) => Promise<ShortTraining>
  /** Most settings that are checked. Default 3. */
  readonly checks?: number
  /** Told which setting is being measured. */
  readonly see?: (candidate: Candidate) => void
}

/**
 * Learning rates of AdamW: the highest in the grids of the experiments of this repository (experiments/steps-to-loss.ts,
 * experiments/unselectable-keys.ts), and the one to try first, which is PyTorch's default.
 */
export const rates = { highest: 3e-2, first: 1e-3 } as const

/** Whether the learning rate is above the usual ones, and neither a training nor stored runs have borne it. */
export const rateDoubted = ({ choice }: Recommendation, { learningRate }: Wanted): boolean =>
  learningRate > rates.highest && (choice === null || choice.by === 'scan')

function weigh(setting: Judged, wanted: Wanted, stored: readonly StoredRuns[]): Weighed {
  const warm = setting.warmup === true || wanted.warmupSteps > 0
  const near = matching(stored, { ...wanted, wiring: setting.wiring, warm })
  const known = decided(near, wanted.blocks)
  const scanned = { sound: 'trains', unsound: 'fails', undecided: 'open' } as const
  return {
    ...setting,
    growth: growthLaw(setting.scan.profile.stream),
    stored: near,
    expected: known ?? scanned[setting.judgement],
    by: known === null ? 'scan' : 'studies',
    checked: null,
  }
}

/** Checks what is not expected to fail, cheapest first, until two have trained or `checks` are spent. */
async function check(
  settings: readonly Weighed[],
  train: (setting: Judged) => Promise<ShortTraining>,
  checks: number,
): Promise<Weighed[]> {
  const result: Weighed[] = []
  let [left, good] = [checks, 0]
  for (const setting of settings) {
    if (left === 0 || good === 2 || setting.expected === 'fails') {
      result.push(setting)
      continue
    }
    left--
    const checked = await train(setting)
    if (checked.outcome === 'trained') good++
    result.push({ ...setting, checked, by: 'training', expected: checked.outcome === 'trained' ? 'trains' : 'fails' })
  }
  return result
}

/**
 * The cheapest setting that is expected to train: as asked, else the first sound one of a final norm, branches times
 * 1/sqrt(n), pre-norm, norms on queries and keys, a warm-up, DeepNorm. All are measured at initialisation; stored runs of the
 * same wiring nearby outrank the scan where they agree, and a short training outranks both. The scan says nothing of the
 * learning rate.
 */
export async function recommend(wanted: Wanted, stack: Stack, options: RecommendOptions = {}): Promise<Recommendation> {
  const { stored = [], train, checks = 3, see, ...scanning } = options
  const { wiring, warmupSteps, learningRate } = wanted
  needPositive('recommend', 'checks', checks)
  if (!(learningRate > 0 && learningRate < Infinity))
    throw new OptionError(`recommend: learningRate must be a positive number, got ${learningRate}`)
  see?.({ change: 'as asked', wiring })
  const measured = await scan(wiring, stack, scanning)
  const gain = await throughSkips(wiring, stack, await forecast(wiring, stack, scanning), scanning)
  const near = matching(stored, { ...wanted, warm: warmupSteps > 0 })
  const doubted = objections(measured, gain).length > 0 || decided(near, wanted.blocks) === 'fails'
  const all = doubted || train !== undefined
  const advice = await advise(wiring, stack, measured, gain, { ...scanning, warmupSteps, all, ...(see && { see }) })
  const settings = [advice.asked, ...advice.tried].map((setting) => weigh(setting, wanted, stored))
  const [asked, ...candidates] = train ? await check(settings, train, checks) : settings
  const choice = [asked!, ...candidates].find(({ expected }) => expected === 'trains') ?? null
  const seats = measured.profile.stream.length - 1
  const shallow = seats <= bounds.shallow && asked!.expected === 'trains'
  return { asked: asked!, candidates, choice, shallow, warnings: choice === asked ? advice.warnings : [] }
}
