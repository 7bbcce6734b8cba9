import { Command } from 'commander'
import { throughSkips } from '../lab/advice.ts'
import type { Language } from '../lab/claims/claim.ts'
import { numberText } from '../lab/document.ts'
import { forecast, type Forecast, type NoForecast } from '../lab/forecast.ts'
import { type GrowthLaw, growthLaw } from '../lab/growth.ts'
import { type Objection, objections } from '../lab/objections.ts'
import { scan, type Scan } from '../lab/scan.ts'
import { stackOf } from '../lab/stack.ts'
import { takeInterrupts } from './interrupt.ts'
import { forecastWords } from './forecast-words.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printJson, table } from './output.ts'
import { addStackFlags, shapeOf, type StackFlags } from './stack-flags.ts'

interface Flags extends StackFlags {
  readonly scan: boolean
  readonly lang: Language
  readonly json?: true
}

interface Growth {
  /** Of the stream; null where it follows none. */
  readonly growth: GrowthLaw | null
}

/** A wiring at one depth. */
interface Foreseen {
  readonly depth: number
  readonly forecast: (Forecast & Growth) | NoForecast
  /** Null without a scan. */
  readonly measured: (Scan & Growth) | null
  /** Gain of the gradient through the skips alone; null where it has no closed form and nothing was scanned. */
  readonly skipGain: number | null
  /** What speaks against training it, read off the scan. */
  readonly objections: readonly Objection[] | null
}

const examples = `
Examples:
  residua forecast
  residua forecast --kind transformer --depth 12 --wiring '{"norm":"rms","placement":"post"}'
  residua forecast --kind decoder --depth 24
  residua forecast --depth 8..128 --wiring '{"norm":"none"}' --no-scan
  residua forecast --wiring @wiring.json --width 128 --lang zh
  residua forecast --depth 32 --json

The forecast is a recursion over the sublayers, exact for wide branches that see Gaussian tokens; the scan traces the
stack itself with its real initial values. v_l is E[x²] of the stream past l sublayers. residua probe goes on from here:
it says which change is the cheapest cure. A decoder with a norm on the sum, such as post, is scanned only. Ctrl-C ends after the depth at hand.`

/** `residua forecast`: what theory says that a wiring does to stream and gradient, beside what they do. */
export function forecastCommand(): Command {
  const command = new Command('forecast').description(
    'growth of stream and gradient at initialisation in closed form, beside what is measured',
  )
  return addStackFlags(command, '32')
    .option('--no-scan', 'the forecast alone')
    .addOption(langFlag())
    .addOption(jsonFlag('each depth'))
    .addHelpText('after', examples)
    .action(run)
}

async function foresee(flags: Flags, depth: number): Promise<Foreseen> {
  const { wiring, seeds, seed } = flags
  const stack = stackOf({ ...shapeOf(flags), depth })
  const predicted = await forecast(wiring, stack, { seed })
  const known = 'reason' in predicted ? predicted : { ...predicted, growth: growthLaw(predicted.profile.stream) }
  if (!flags.scan) {
    const skipGain = 'reason' in predicted ? null : predicted.skipGain
    return { depth, forecast: known, measured: null, skipGain, objections: null }
  }
  const scanned = await scan(wiring, stack, { seeds, seed })
  const skipGain = await throughSkips(wiring, stack, predicted, { seeds, seed })
  const measured = { ...scanned, growth: growthLaw(scanned.profile.stream) }
  return { depth, forecast: known, measured, skipGain, objections: objections(scanned, skipGain) }
}

async function run(flags: Flags): Promise<void> {
  const interrupt = takeInterrupts()
  try {
    for (const depth of flags.depth) {
      if (interrupt.signal.aborted) break
      const foreseen = await foresee(flags, depth)
      if (flags.json) printJson({ wiring: flags.wiring, shape: shapeOf(flags), ...foreseen })
      else show(foreseen, flags.lang)
    }
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** The first sublayers, then every one at twice the depth, and the last. */
function shownSeats(seats: number): number[] {
  const doubled = Array.from({ length: Math.floor(Math.log2(seats)) + 1 }, (_, i) => 2 ** i)
  return [...new Set([0, ...doubled, seats])]
}

function show({ depth, forecast: predicted, measured, skipGain, objections: against }: Foreseen, lang: Language): void {
  const say = forecastWords[lang]
  const columns = [
    ...('reason' in predicted ? [] : [{ name: say.forecast, ...predicted }]),
    ...(measured === null ? [] : [{ name: say.measured, ...measured }]),
  ]
  const seats = columns[0] && columns[0].profile.stream.length - 1
  print(say.stack(depth, seats))
  if ('reason' in predicted) print(say.noForecast(predicted.reason[lang]))
  if (seats !== undefined) {
    const head = ['l', ...columns.map(({ name }) => `v_l ${name}`), ...columns.map(({ name }) => `|dL/dx_l| ${name}`)]
    const rows = shownSeats(seats).map((l) => [
      String(l),
      ...columns.map(({ profile }) => numberText(profile.stream[l]!)),
      ...columns.map(({ profile }) => numberText(profile.gradient[l]!)),
    ])
    print(`\n${table([head, ...rows])}\n`)
  }
  for (const { name, growth } of columns) print(say.growth(name, growth))
  if (skipGain !== null) print(say.skipGain(numberText(skipGain, 3)))
  const reasons = against?.map(({ text }) => text[lang])
  print(`${reasons ? say.against(reasons) : say.unscanned}\n`)
}
