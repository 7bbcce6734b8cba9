import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Language } from '../lab/claims/claim.ts'
import { figureFile } from '../lab/figure.ts'
import { numberText } from '../lab/document.ts'
import { type DepthProbe, type Probe, probe } from '../lab/probe.ts'
import { probeFigure } from '../lab/probe-figure.ts'
import { writeAtomic } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import { displayJson } from '../files/json.ts'
import { takeInterrupts } from './interrupt.ts'
import { forecastWords, growthNames } from './forecast-words.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printJson, table } from './output.ts'
import { probeWords } from './probe-words.ts'
import { addStackFlags, shapeOf, type StackFlags } from './stack-flags.ts'

interface Flags extends StackFlags {
  readonly out: string
  readonly lang: Language
  readonly json?: true
}

const examples = `
Examples:
  residua probe
  residua probe --kind transformer --wiring '{"placement":"post"}' --depth 6..48
  residua probe --kind decoder --wiring '{"placement":"post"}' --depth 6..48
  residua probe --wiring '{"norm":"none"}' --depth 12,48
  residua probe --depth 6..24 --lang zh
  residua probe --wiring @wiring.json --depth 32 --width 128 --json

Nothing is trained: real initial values, Gaussian input, one forward and backward pass a seed. v_L is E[x²] of the last
stream, the ratio |dL/dx_0| / |dL/dx_last|. Ctrl-C ends after the depth at hand.`

/** `residua probe`: how a wiring carries stream and gradient at initialisation, and what speaks against it there. */
export function probeCommand(): Command {
  const command = new Command('probe').description(
    'look at a wiring at initialisation over depth, measured and forecast, without training',
  )
  return addStackFlags(command, '6..96')
    .option('--out <folder>', 'where probe.json and the figure go', 'runs/probe')
    .addOption(langFlag())
    .addOption(jsonFlag('the result'))
    .addHelpText('after', examples)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const { wiring, depth, seeds, seed, out, lang } = flags
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  const see = (text: string): void => void process.stderr.write(`residua: probing ${text}\n`)
  try {
    const result = await probe(wiring, shapeOf(flags), depth, { seeds, seed, signal, see })
    const files = write(out, result, lang)
    if (flags.json) printJson(result)
    else show(result, files, lang)
  } catch (error) {
    if (!signal.aborted) throw error
    process.stderr.write('residua: stopped; nothing was written\n')
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** Writes the result and its figure, and gives their paths. */
function write(folder: string, result: Probe, lang: Language): string[] {
  const figure = probeFigure(result, lang)
  const files = { json: join(folder, 'probe.json'), svg: join(folder, `${figure.name}.svg`) }
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError('write', folder, error)
  }
  writeAtomic(files.svg, figureFile(figure, lang))
  writeAtomic(files.json, `${displayJson(result, 2)}\n`)
  return [files.json, files.svg]
}

function row({ depth, seats, measured, forecast, growth, objections }: DepthProbe, lang: Language): string[] {
  const say = probeWords[lang]
  const known = 'reason' in forecast ? null : forecast.profile
  const cell = (value: number | undefined): string => (value === undefined ? '-' : numberText(value, 3))
  return [
    ...[String(depth), String(seats)],
    ...[cell(measured.profile.stream.at(-1)), cell(known?.stream.at(-1))],
    ...[cell(measured.profile.gradient[0]), cell(known?.gradient[0])],
    growth === null ? '-' : growthNames[lang][growth.name],
    objections.map(({ short }) => short[lang]).join(say.comma) || say.nothing,
  ]
}

function show({ depths, ratioExponent, advice }: Probe, files: readonly string[], lang: Language): void {
  const say = probeWords[lang]
  print(`\n${table([say.head, ...depths.map((depth) => row(depth, lang))])}\n`)
  const { forecast } = depths.at(-1)!
  if ('reason' in forecast) print(forecastWords[lang].noForecast(forecast.reason[lang]))
  if (ratioExponent !== null) print(say.exponent(numberText(ratioExponent, 2)))
  print(advice.sentence[lang])
  for (const warning of advice.warnings) print(say.note(warning[lang]))
  print(`\n${say.written(files)}`)
}
