import { OptionError, ShapeError } from '../errors.ts'
import type { Decoding } from '../graph/decoding.ts'
import type { Layer } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { cast } from '../ops/compare.ts'
import { constant } from '../ops/constant.ts'
import { reshape } from '../ops/reshape.ts'
import { concat, split } from '../ops/slice.ts'
import { cos, sin } from '../ops/unary.ts'
import { tensor } from '../tensor.ts'
import { sharedConstants } from './shared-constants.ts'

/** Slower turning, for sequences longer than those of the first training. */
export type RotaryScaling =
  /** Every frequency divided by `factor`. Source: Chen et al. 2023, arXiv:2306.15595. */
  | { readonly type: 'linear'; readonly factor: number }
  /**
   * Frequencies that turn less than `low` times in `context` positions divided by `factor`, those that turn more than
   * `high` times kept, linear between. Source: Dubey et al. 2024, arXiv:2407.21783 (Llama 3.1).
   */
  | {
      readonly type: 'llama3'
      readonly factor: number
      readonly low: number
      readonly high: number
      readonly context: number
    }

export interface RotaryOptions {
  /** Of the wavelengths `2 pi base^(2 i / n)` positions. Default 10000. */
  readonly base?: number
  /** Share of the features of a head that turn, the first ones. Default 1. */
  readonly share?: number
  readonly scaling?: RotaryScaling
}

const scalings: Readonly<Record<RotaryScaling['type'], readonly string[]>> = {
  linear: ['factor'],
  llama3: ['factor', 'low', 'high', 'context'],
}

function scaled(frequency: number, scaling: RotaryScaling): number {
  if (scaling.type === 'linear') return frequency / scaling.factor
  const { factor, low, high, context } = scaling
  const turns = (frequency * context) / (2 * Math.PI)
  const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)))
  return frequency * (kept + (1 - kept) / factor)
}

/** Radians per position of each pair of features. */
function frequencies(pairs: number, base: number, scaling: RotaryScaling | undefined): number[] {
  const plain = Array.from({ length: pairs }, (_, i) => base ** -(i / pairs))
  return scaling === undefined ? plain : plain.map((frequency) => scaled(frequency, scaling))
}

/** Cosines and signed sines `[time, size]` by which a head is multiplied; 1 and 0 past the features that turn. */
function waves(time: number, size: number, turns: readonly number[]): Value[] {
  const half = turns.length
  const table = (turned: (angle: number, sign: number) => number, still: number): Value => {
    const at = (position: number, i: number): number =>
      i < 2 * half ? turned(position * turns[i % half]!, i < half ? -1 : 1) : still
    const data = Float64Array.from({ length: time * size }, (_, place) => at(Math.floor(place / size), place % size))
    return constant({ dtype: 'float32', shape: [time, size], data })
  }
  return [table(Math.cos, 1), table((angle, sign) => sign * Math.sin(angle), 0)]
}

/** The same `[batch, 1, time, size]` at the places of the tokens that are decoded. */
function wavesAt({ positions }: Decoding, size: number, turns: readonly number[]): Value[] {
  const half = turns.length
  const row = (value: (i: number) => number): Value =>
    constant(tensor(Array.from({ length: size }, (_, i) => value(i))))
  const [batch, time] = positions.shape as [number, number]
  const place = reshape(cast(positions, 'float32'), [batch, 1, time, 1])
  const angle = mul(
    place,
    row((i) => (i < 2 * half ? turns[i % half]! : 0)),
  )
  return [
    cos(angle),
    mul(
      sin(angle),
      row((i) => (i < half ? -1 : 1)),
    ),
  ]
}

function needScaling(scaling: RotaryScaling): void {
  if (!Object.hasOwn(scalings, scaling.type))
    throw new OptionError(`rotary: scaling must be ${Object.keys(scalings).join(' or ')}, got '${scaling.type}'`)
  const given = scaling as unknown as Readonly<Record<string, number>>
  const wrong = scalings[scaling.type].find((name) => !(given[name]! > 0 && given[name]! < Infinity))
  if (wrong !== undefined)
    throw new OptionError(`rotary: scaling.${wrong} must be positive and finite, got ${given[wrong]}`)
  if (scaling.type === 'llama3' && !(scaling.high > scaling.low))
    throw new OptionError(`rotary: scaling.high must be above low, got ${scaling.high} and ${scaling.low}`)
}

/**
 * Rotary position embedding: turns the pair of features `(x_i, x_{i + n/2})` at position `t` by the angle
 * `t base^(-2 i / n)`, so that the product of two turned vectors depends on the distance of their positions alone. Of the
 * two conventions it is the split-half one (GPT-NeoX, Llama); `n = share * size`.
 *
 * Shapes: x `[..., time, size]` to the same. Throws ShapeError where `share * size` is not an even number.
 *
 * Source: Su et al. 2021, arXiv:2104.09864.
 */
export function rotary({ base = 10000, share = 1, scaling }: RotaryOptions = {}): Layer {
  if (!(base > 0 && base < Infinity)) throw new OptionError(`rotary: base must be positive and finite, got ${base}`)
  if (!(share > 0 && share <= 1)) throw new OptionError(`rotary: share must be in (0, 1], got ${share}`)
  if (scaling !== undefined) needScaling(scaling)
  return (s, x) => {
    const [time, size] = x.shape.slice(-2) as [number, number]
    const turning = Math.round(share * size)
    if (turning < 2 || turning % 2 === 1) {
      throw new ShapeError(`rotary '${s.path}': expected an even number of features that turn, got ${share} of ${size}`)
    }
    const { decoding } = s
    const turns = frequencies(turning / 2, base, scaling)
    const name = `rotary ${time} ${size} ${turns.join(' ')}`
    const make = (): Value[] => (decoding === null ? waves(time, size, turns) : wavesAt(decoding, size, turns))
    const [cosine, sine] = sharedConstants(s, name, make) as [Value, Value]
    const still = turning === size ? [] : [size - turning]
    const [first, second, ...rest] = split(x, -1, [turning / 2, turning / 2, ...still]) as [Value, Value, ...Value[]]
    return add(mul(x, cosine), mul(concat([second, first, ...rest], -1), sine))
  }
}
