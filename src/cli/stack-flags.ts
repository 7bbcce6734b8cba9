/** The options that say which stack is looked at before training: its blocks, their sizes, how they are wired, and draws. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type StackKind, stackKinds, type StackShape } from '../lab/stack.ts'
import type { Wiring } from '../nn/wiring/wiring.ts'
import { count, readWiring } from './options.ts'

export interface StackFlags {
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
}

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

/** Adds the options; `depths` stands where no depth is given. */
export const addStackFlags = (command: Command, depths: string): Command =>
  command
    .addOption(
      new Option('--wiring <json>', 'skip, norm, placement, ... as JSON, or @file')
        .argParser(readWiring)
        .default({}, 'identity skip, layer norm, pre'),
    )
    .addOption(
      new Option(
        '--kind <name>',
        'mlp; transformer (attention without a mask), decoder (the same with a causal mask); resnet',
      )
        .choices(stackKinds)
        .default('mlp'),
    )
    .addOption(
      new Option('--depth <blocks>', 'a range 6..96 that doubles, a list 6,12 or one number')
        .argParser(readDepths)
        .default(readDepths(depths), depths),
    )
    .option('--width <n>', 'features of the stream', count(1, 65_536), 64)
    .option(
      '--hidden <n>',
      'features inside a branch (default: the width, transformer and decoder 4 x width)',
      count(1, 65_536),
    )
    .option('--heads <n>', 'of attention (default: width / 16)', count(1, 4096))
    .option('--tokens <n>', 'of a sequence, or rows of an mlp (default: 32, mlp 64)', count(2, 65_536))
    .option('--size <n>', 'side of the images of a resnet (default: 8)', count(1, 4096))
    .option('--seeds <n>', 'draws of initial values, averaged over', count(1, 1000), 3)
    .option('--seed <n>', 'the first of them', count(0), 0)

/** The shape that the options give, but for its depth. */
export function shapeOf({ kind, width, hidden, heads, tokens, size }: StackFlags): Omit<StackShape, 'depth'> {
  const given = Object.entries({ hidden, heads, tokens, size }).filter(([, value]) => value !== undefined)
  return { kind, width, ...Object.fromEntries(given) }
}
