import {
  evaluate,
  grad,
  graph,
  type HostTensor,
  input,
  type Layer,
  type Model,
  nn,
  ops,
  tensor,
  trace,
  type Traced,
} from 'residua'
import type * as lab from 'residua/lab'
import { digits } from './digits.ts'
import { normals } from './normals.ts'

/** A net before and after one step of its training. */
export type StepPair = readonly [before: Snapshot, after: Snapshot]
export type Snapshot = Exclude<lab.Subject, Model>

export interface InputShifts {
  /** How far mean and deviation of the units that a layer reads move, in rms over the rms of their deviations. */
  readonly shift: number
  /**
   * `|g' - g| / |g|`, g being the gradient of a layer's weights, g' the same after the step of the layers below it
   * (Santurkar et al. 2018, definition 2.1, arXiv:1805.11604).
   */
  readonly change: number
}

type Tensors = Readonly<Record<string, HostTensor>>
const [watched, layers] = [128, [5, 10, 15]]

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length
const rms = (numbers: Iterable<number>): number => Math.sqrt(mean(Array.from(numbers, (x) => x ** 2)))
const apart = (a: HostTensor, b: HostTensor): number => rms(Array.from(a.data, (x, i) => x - b.data[i]!))

/** Uniform numbers from 0 to 1: `exp(-(a^2 + b^2) / 2)` of two normal ones is. */
function uniforms(count: number, seed: number, name: string): HostTensor {
  const { data } = normals([count, 2], seed, name)
  return tensor(
    Float64Array.from({ length: count }, (_, i) => Math.exp(-(data[2 * i]! ** 2 + data[2 * i + 1]! ** 2) / 2)),
  )
}

/** What both nets of a pair are fed: the same digits, and each its own uniform noise. */
async function feedsOf({ noises }: Traced, pair: StepPair, seed: number): Promise<[before: Tensors, after: Tensors]> {
  const { pixels, labels } = await digits('train', 0, watched)
  const [before, after] = pair.map(({ weights, step }) => ({
    ...weights,
    ...Object.fromEntries(
      Array.from(noises, ([path, { value }]) => [path, uniforms(value.shape[0]!, seed, `${path} ${step}`)]),
    ),
    ...{ inputs: pixels, targets: labels },
  }))
  return [before!, after!]
}

/**
 * Shifts over one step, on 128 digits in mode 'train': geometric means, `shift` over all layers, `change` over three. The
 * net is a sequence of 16 layers and a head; each layer taps what the next one reads, and has its weights in `map`.
 */
export async function inputShifts(net: Layer, pair: StepPair, seed: number): Promise<InputShifts> {
  const traced = trace(net, 'float32', [watched, 784])
  const [before, after] = await feedsOf(traced, pair, seed)
  const units = Array.from(traced.taps.values(), (x) => ops.moments(x, [0]))
  const seen = units.flatMap(([m, v], i) => [[`mean ${i}`, m] as const, [`deviation ${i}`, ops.sqrt(v)] as const])
  const loss = nn.crossEntropy(traced.output, input('targets', 'int32', [watched]))
  const slopes = grad(
    loss,
    layers.map((i) => traced.parameters.get(`${i}.map.weight`)!.value),
  ).map((slope, k) => [`slope ${layers[k]!}`, slope] as const)
  const then = evaluate(graph(new Map([...seen, ...slopes])), before)
  const now = evaluate(graph(new Map(seen)), after)
  const shifts = units.map((_, i) => {
    const by = ['mean', 'deviation'].map((name) => apart(now[`${name} ${i}`]!, then[`${name} ${i}`]!))
    return Math.hypot(...by) / rms(then[`deviation ${i}`]!.data)
  })
  const changes = layers.map((i, k) => {
    const [name, slope] = slopes[k]!
    const below = Object.entries(after).filter(([path]) => Number(path.split('.')[0]) < i)
    const moved = evaluate(graph({ slope }), { ...before, ...Object.fromEntries(below) }).slope!
    return apart(moved, then[name]!) / rms(then[name]!.data)
  })
  const geometric = (numbers: readonly number[]): number => Math.exp(mean(numbers.map(Math.log)))
  return { shift: geometric(shifts), change: geometric(changes) }
}
