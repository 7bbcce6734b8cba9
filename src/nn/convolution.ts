import { OptionError, ShapeError } from '../errors.ts'
import type { Initializer, Layer, Role, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add } from '../ops/arithmetic.ts'
import { conv, convTranspose } from '../ops/convolution.ts'
import type { PerAxis } from '../ops/pooling-window.ts'
import { reshape } from '../ops/reshape.ts'
import { sizeOf } from '../tensor.ts'
import { refuseDecoding } from './decoding.ts'
import { fanIn, normal, zeros } from './init.ts'
import { needPositive } from './options.ts'

/** `Size` is a number, or for images one for rows and one for columns. */
interface SharedOptions<Size> {
  /** Default 3. */
  readonly kernel?: Size
  /** Distance between windows. Default 1. */
  readonly stride?: Size
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: Size
  /** Parts into which the channels are divided, each seeing its own only. Default 1. */
  readonly groups?: number
  /** Adds a bias per channel, initially 0. Default true. */
  readonly bias?: boolean
  /** Initial weight. Default: keeps the second moment. */
  readonly init?: Initializer
  /** What the weight is for. Default 'inner'. */
  readonly role?: Role
}

interface ForwardOptions<Size> extends SharedOptions<Size> {
  /** Zeros beyond both ends of an axis. Default 'same': half the kernel, so that the size becomes ceil(size / stride). */
  readonly padding?: 'same' | Size
}

interface TransposedOptions<Size> extends SharedOptions<Size> {
  /** Elements cut off both ends of an axis. Default 0. */
  readonly padding?: Size
  /** Elements appended to each axis, less than stride. Default 0. */
  readonly outputPadding?: Size
}

type PerImageAxis = number | readonly [rows: number, columns: number]

export type Conv1dOptions = ForwardOptions<number>
export type Conv2dOptions = ForwardOptions<PerImageAxis>
export type ConvTranspose1dOptions = TransposedOptions<number>
export type ConvTranspose2dOptions = TransposedOptions<PerImageAxis>

/** Channels come first from here on: norms, skips and branches take axis 1 as the features. */
export function channelsFirst(layer: Layer): Layer {
  return (s, x, ...context) => layer(s.with({ channelsFirst: true }), x, ...context)
}

function perAxis(where: string, name: string, given: PerAxis, rank: number): readonly number[] {
  const values = typeof given === 'number' ? Array<number>(rank).fill(given) : given
  if (values.length !== rank) throw new OptionError(`${where}: ${name} must be ${rank} numbers, got ${values.length}`)
  for (const value of values) needPositive(where, name, value)
  return values
}

function needGroups(where: string, channels: number, groups: number): void {
  needPositive(where, 'channels', channels)
  needPositive(where, 'groups', groups)
  if (channels % groups !== 0) {
    throw new OptionError(`${where}: ${channels} channels do not divide into ${groups} groups`)
  }
}

/** Channels of x per group. Throws ShapeError where x is no batch of this rank, or does not divide. */
function inGroups(where: string, s: Scope, { shape }: Value, rank: number, groups: number): number {
  if (shape.length !== rank + 2) {
    const expected = rank === 1 ? '[batch, channels, length]' : '[batch, channels, height, width]'
    throw new ShapeError(`${where} '${s.path}': expected ${expected}, got [${shape.join(', ')}]`)
  }
  if (shape[1]! % groups === 0) return shape[1]! / groups
  throw new ShapeError(`${where} '${s.path}': ${shape[1]} channels do not divide into ${groups} groups`)
}

function biased(s: Scope, y: Value, bias: boolean): Value {
  if (!bias) return y
  const channels = y.shape[1]!
  const shift = s.parameter('bias', [channels], { role: 'bias', init: zeros })
  return add(y, reshape(shift, [channels, ...y.shape.slice(2).map(() => 1)]))
}

function forward(where: string, rank: number, channels: number, options: ForwardOptions<PerAxis>): Layer {
  const { stride = 1, padding = 'same', groups = 1, bias = true, init = fanIn(), role = 'inner' } = options
  needGroups(where, channels, groups)
  const kernel = perAxis(where, 'kernel', options.kernel ?? 3, rank)
  const dilation = perAxis(where, 'dilation', options.dilation ?? 1, rank)
  const reach = kernel.map((size, axis) => dilation[axis]! * (size - 1))
  if (padding === 'same' && reach.some((elements) => elements % 2 === 1)) {
    throw new OptionError(`${where}: padding 'same' needs an odd kernel, got ${kernel.join(', ')}; give a number`)
  }
  const window = { stride, dilation, groups, padding: padding === 'same' ? reach.map((n) => n / 2) : padding }
  return (s, x) => {
    refuseDecoding(where, s, 'it reads neighbours')
    const ins = inGroups(where, s, x, rank, groups)
    const weight = s.parameter('weight', [channels, ins, ...kernel], { role, init })
    return biased(s, conv(x, weight, window), bias)
  }
}

function transposed(where: string, rank: number, channels: number, options: TransposedOptions<PerAxis>): Layer {
  const { groups = 1, bias = true, init, role = 'inner', padding = 0, outputPadding = 0 } = options
  needGroups(where, channels, groups)
  const kernel = perAxis(where, 'kernel', options.kernel ?? 3, rank)
  const stride = perAxis(where, 'stride', options.stride ?? 1, rank)
  const window = { stride, padding, dilation: options.dilation ?? 1, groups, outputPadding }
  return (s, x) => {
    refuseDecoding(where, s, 'it writes to neighbours')
    const terms = (inGroups(where, s, x, rank, groups) * sizeOf(kernel)) / sizeOf(stride)
    const chosen = init ?? normal(1 / Math.sqrt(terms))
    const weight = s.parameter('weight', [x.shape[1]!, channels / groups, ...kernel], { role, init: chosen })
    return biased(s, convTranspose(x, weight, window), bias)
  }
}

/**
 * Convolution of sequences, `sum over i, k of weight[o, i, k] x[n, i, p stride + k dilation - padding]`, plus a bias.
 *
 * Shapes: x `[batch, in, length]` to `[batch, channels, length']`, length' as `conv` says; parameters `weight`
 * `[channels, in / groups, kernel]`, `bias` `[channels]`. Throws OptionError, and ShapeError where x does not fit.
 */
export const conv1d = (channels: number, options: Conv1dOptions = {}): Layer => forward('conv1d', 1, channels, options)

/**
 * Convolution of images, `sum over i, k of weight[o, i, k] x[n, i, p stride + k dilation - padding]`, plus a bias.
 *
 * Shapes: x `[batch, in, height, width]` to `[batch, channels, height', width']`, sizes as `conv` says; parameters
 * `weight` `[channels, in / groups, ...kernel]`, `bias` `[channels]`. Throws OptionError, and ShapeError where x does
 * not fit.
 *
 * Source: LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition.
 */
export const conv2d = (channels: number, options: Conv2dOptions = {}): Layer => forward('conv2d', 2, channels, options)

/**
 * Transposed convolution of sequences, plus a bias: brings back the length that a `conv1d` with these options read.
 *
 * Shapes: x `[batch, in, length]` to `[batch, channels, (length - 1) stride - 2 padding + dilation (kernel - 1) + 1 +
 * outputPadding]`; parameters `weight` `[in, channels / groups, kernel]`, `bias` `[channels]`. Throws OptionError, and
 * ShapeError where x does not fit.
 */
export const convTranspose1d = (channels: number, options: ConvTranspose1dOptions = {}): Layer =>
  transposed('convTranspose1d', 1, channels, options)

/**
 * Transposed convolution of images, plus a bias: brings back the sizes that a `conv2d` with these options read.
 *
 * Shapes: x `[batch, in, height, width]` to `[batch, channels, ...]`, each size becoming (size - 1) stride - 2 padding +
 * dilation (kernel - 1) + 1 + outputPadding; parameters `weight` `[in, channels / groups, ...kernel]`, `bias`
 * `[channels]`. Throws OptionError, and ShapeError where x does not fit.
 *
 * Source: Zeiler et al. 2010, Deconvolutional Networks.
 */
export const convTranspose2d = (channels: number, options: ConvTranspose2dOptions = {}): Layer =>
  transposed('convTranspose2d', 2, channels, options)
