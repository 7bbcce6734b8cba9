import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { figureFile } from '../lab/figure.ts'
import { numberText } from '../lab/document.ts'
import { type DepthProbe, type Probe, probe } from '../lab/probe.ts'
import { probeFigure } from '../lab/probe-figure.ts'
import { type StackKind, stackKinds } from '../lab/stack.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { writeAtomic } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import { displayJson } from '../files/json.ts'
import { takeInterrupts } from './interrupt.ts'
import { count, jsonFlag, readWiring } from './options.ts'
import { print, printJson, table } from './output.ts'

interface Flags {
  readonly wiring: Wiring
  readonly kind: StackKind
  readonly depth: readonly number[]
  readonly width: number
  readonly hidden?: number
  readonly heads?: number
  readonly tokens?: number
  readonly size?: number
  readonly seeds: number
  readonly seed: number
  readonly out: string
  readonly json?: true
}

const examples = `
Examples:
  residua probe
  residua probe --kind transformer --wiring '{"placement":"post"}' --depth 6..48
  residua probe --wiring '{"norm":"none"}' --depth 12,48
  residua probe --wiring @wiring.json --depth 32 --width 128 --json

Nothing is trained: real initial values, Gaussian input, one forward and backward pass a seed. v_L is E[x²] of the last
stream, the ratio |dL/dx_0| / |dL/dx_last|. Ctrl-C ends after the depth at hand.`

/** `6..96` doubles from 6 up to 96, which is the last; `6,12` and `48` are what they say. */
function readDepths(text: string): number[] {
  const number = count(1, 1000)
  const range = /^(\d+)\.\.(\d+)$/.exec(text)
  if (range === null) return [...new Set(text.split(',').map((part) => number(part.trim())))].sort((a, b) => a - b)
  const [from, to] = [number(range[1]!), number(range[2]!)]
  if (from > to) throw new InvalidArgumentError(`Expected a range from small to large, such as 6..96.`)
  const doubled = Array.from({ length: Math.floor(Math.log2(to / from)) + 1 }, (_, i) => from * 2 ** i)
  return [...new Set([...doubled, to])]
}

/** `residua probe`: how a wiring carries stream and gradient at initialisation, and whether it will train. */
export function probeCommand(): Command {
  return new Command('probe')
    .description('look at a wiring at initialisation over depth, measured and forecast, without training')
    .addOption(
      new Option('--wiring <json>', 'skip, norm, placement, ... as JSON, or @file')
        .argParser(readWiring)
        .default({}, 'identity skip, layer norm, pre'),
    )
    .addOption(new Option('--kind <name>', 'what the blocks are').choices(stackKinds).default('mlp'))
    .addOption(
      new Option('--depth <blocks>', 'a range 6..96 that doubles, a list 6,12 or one number')
        .argParser(readDepths)
        .default([6, 12, 24, 48, 96], '6..96'),
    )
    .option('--width <n>', 'features of the stream', count(1, 65_536), 64)
    .option('--hidden <n>', 'features inside a branch (default: the width, transformer 4 x width)', count(1, 65_536))
    .option('--heads <n>', 'of attention (default: width / 16)', count(1, 4096))
    .option('--tokens <n>', 'of a sequence, or rows of an mlp (default: 32, mlp 64)', count(2, 65_536))
    .option('--size <n>', 'side of the images of a resnet (default: 8)', count(1, 4096))
    .option('--seeds <n>', 'draws of initial values, averaged over', count(1, 1000), 3)
    .option('--seed <n>', 'the first of them', count(0), 0)
    .option('--out <folder>', 'where probe.json and the figure go', 'runs/probe')
    .addOption(jsonFlag('the result'))
    .addHelpText('after', examples)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const { wiring, depth, kind, width, hidden, heads, tokens, size, seeds, seed, out } = flags
  const given = Object.entries({ hidden, heads, tokens, size }).filter(([, value]) => value !== undefined)
  const shape = { kind, width, ...Object.fromEntries(given) }
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  const see = (text: string): void => void process.stderr.write(`residua: probing ${text}\n`)
  try {
    const result = await probe(wiring, shape, depth, { seeds, seed, signal, see })
    const files = write(out, result)
    if (flags.json) printJson(result)
    else show(result, files)
  } catch (error) {
    if (!signal.aborted) throw error
    process.stderr.write('residua: stopped; nothing was written\n')
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** Writes the result and its figure, and gives their paths. */
function write(folder: string, result: Probe): string[] {
  const figure = probeFigure(result)
  const files = { json: join(folder, 'probe.json'), svg: join(folder, `${figure.name}.svg`) }
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError('write', folder, error)
  }
  writeAtomic(files.svg, figureFile(figure))
  writeAtomic(files.json, `${displayJson(result, 2)}\n`)
  return [files.json, files.svg]
}

function row({ depth, seats, measured, forecast, growth, objections }: DepthProbe): string[] {
  const known = 'reason' in forecast ? null : forecast.profile
  const cell = (value: number | undefined): string => (value === undefined ? '-' : numberText(value, 3))
  return [
    ...[String(depth), String(seats)],
    ...[cell(measured.profile.stream.at(-1)), cell(known?.stream.at(-1))],
    ...[cell(measured.profile.gradient[0]), cell(known?.gradient[0])],
    growth?.name ?? '-',
    objections.map(({ short }) => short).join(', ') || 'trains',
  ]
}

function show({ depths, ratioExponent, advice }: Probe, files: readonly string[]): void {
  const head = ['blocks', 'sublayers', 'v_L', 'forecast', 'ratio', 'forecast', 'v_l grows', 'verdict']
  print(`\n${table([head, ...depths.map(row)])}\n`)
  const { forecast } = depths.at(-1)!
  if ('reason' in forecast) print(`No forecast: ${forecast.reason}.`)
  if (ratioExponent !== null) print(`The ratio goes as blocks^${numberText(ratioExponent, 2)}.`)
  print(advice.sentence)
  for (const warning of advice.warnings) print(`Note: ${warning}.`)
  print(`\nWritten: ${files.join(', ')}`)
}
