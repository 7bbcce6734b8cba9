import { describe, expect, test } from 'vitest'
import { expectClose } from '../../../test/close.ts'
import { vjp } from '../../autodiff/grad.ts'
import { type Graph, graph } from '../../graph/graph.ts'
import { type Layer, type Parameter, trace } from '../../graph/scope.ts'
import { input } from '../../graph/value.ts'
import { add } from '../../ops/arithmetic.ts'
import { stopGradient } from '../../ops/gradient.ts'
import { random } from '../../random.ts'
import { evaluate } from '../../runtime/reference.ts'
import { type HostTensor, type Shape, sizeOf, tensor } from '../../tensor.ts'
import { attention } from '../attention.ts'
import { feedForward } from '../feed-forward.ts'
import { linear } from '../linear.ts'
import { rmsNorm } from '../norms/rms.ts'
import { bare } from './hard-cases.test-kit.ts'
import { type Law, type NormLaw, toUnit } from './law.ts'
import { deepNorm } from './placements/deep-norm.ts'
import { outEach, preEach } from './placements/each.ts'
import { keel } from './placements/keel.ts'
import { lnScaling } from './placements/ln-scaling.ts'
import { mixLn } from './placements/mix-ln.ts'
import { none } from './placements/none.ts'
import { out } from './placements/out.ts'
import { post } from './placements/post.ts'
import { pre } from './placements/pre.ts'
import { peri, sandwich } from './placements/sandwich.ts'
import type { Placement } from './protocol.ts'
import { identity } from './skips/identity.ts'
import { wireParts } from './wire.ts'
import { factorOf } from './wiring.ts'
import type { BranchScale } from './wiring.ts'

interface Net {
  readonly placement: Placement
  /** Branches. Default 8. */
  readonly count?: number
  /** Bias-free linear maps, or relu feed-forwards: both give the second moment that they read. Default linear. */
  readonly branch?: 'linear' | 'relu'
  /** Default 1. */
  readonly branchScale?: BranchScale
  /** Default 128. */
  readonly width?: number
  /** Default 8. */
  readonly tokens?: number
  /** Default 20. */
  readonly draws?: number
}

const branches: Readonly<Record<'linear' | 'relu', (width: number) => Layer>> = {
  linear: (width) => linear(width, { bias: false, role: 'out' }),
  relu: (width) => feedForward({ hidden: width, activation: 'relu' }),
}
const norm = rmsNorm({ epsilon: 0, affine: false })

const map = ({ data, shape }: HostTensor, f: (x: number, i: number) => number): HostTensor =>
  tensor((data as Float64Array<ArrayBuffer>).map(f), shape)

const known = new Map<string, HostTensor>()

/** Initial values in float64, drawn once for all nets that ask for the same. */
function draw({ init, path, value: { shape } }: Parameter, seed: number): HostTensor {
  const key = `${init.name} ${path} [${shape.join()}] ${seed}`
  const value = known.get(key) ?? tensor(new Float64Array(init.fill(random(seed, path), shape)), shape)
  known.set(key, value)
  return value
}

function normals(name: string, shape: Shape, seed: number): HostTensor {
  const source = random(seed, name)
  return map(tensor(new Float64Array(sizeOf(shape)), shape), () => source.normal())
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** The mean square. */
const momentOf = (data: ArrayLike<number>): number => total(Array.from(data, (x) => x * x)) / data.length

/** Every row with mean square 1. */
function unitRows(x: HostTensor): HostTensor {
  const width = x.shape.at(-1)!
  const rows = Array.from({ length: x.data.length / width }, (_, i) => x.data.subarray(i * width, (i + 1) * width))
  const roots = rows.map((row) => Math.sqrt(momentOf(row)))
  return map(x, (value, i) => value / roots[Math.floor(i / width)]!)
}

/** The same net whose gradient flows around the branches alone. */
const aroundOf = (placement: Placement): Placement => ({
  ...placement,
  sum: (s, kept, added, at) => (placement.sum ?? ((_, x, y) => add(x, y)))(s, kept, stopGradient(added), at),
})

/** The stack without a final norm: what leaves it, and the gradient of `<y, direction>` by what enters. */
function stackOf({ placement, count = 8, branch = 'linear', branchScale = 1, width = 128, tokens = 8 }: Net): {
  readonly traced: Graph
  readonly parameters: readonly Parameter[]
} {
  const blocks = Array.from({ length: count }, () => branches[branch](width))
  const stack = wireParts(blocks, { ...bare, placement, norm, branchScale })
  const { input: x, output: y, parameters } = trace(stack, 'float32', [tokens, width])
  const [dx] = vjp([y], [input('direction', 'float32', y.shape)], [x])
  return { traced: graph({ y, dx: dx! }), parameters: [...parameters.values()] }
}

interface Estimate {
  readonly mean: number
  readonly error: number
}

function estimate(values: readonly number[]): Estimate {
  const mean = total(values) / values.length
  return { mean, error: Math.sqrt(momentOf(values.map((x) => x - mean)) / (values.length - 1)) }
}

/** v_L from v_0 = 1 of every token, and |dx_0|^2 / |dx_L|^2, over random weights, inputs and directions. */
function measured(net: Net): { readonly moment: Estimate; readonly ratio: Estimate } {
  const { width = 128, tokens = 8, draws = 20 } = net
  const { traced, parameters } = stackOf(net)
  const runs = Array.from({ length: draws }, (_, seed) => {
    const inputs = unitRows(normals('x', [tokens, width], seed))
    const direction = normals('direction', [tokens, width], seed)
    const values = parameters.map((parameter) => [parameter.path, draw(parameter, seed)] as const)
    const { y, dx } = evaluate(traced, { ...Object.fromEntries(values), inputs, direction })
    return { moment: momentOf(y!.data), ratio: momentOf(dx!.data) / momentOf(direction.data) }
  })
  return { moment: estimate(runs.map(({ moment }) => moment)), ratio: estimate(runs.map(({ ratio }) => ratio)) }
}

/** v_L from v_0 = 1, ratio^2, and ratio^2 through the skips alone. */
interface Exact {
  readonly moment: number
  readonly ratio: number
  readonly around: number
}

/** What the laws of the placement and of the identity skip make of branches of gain 1. */
function predicted({ placement, count = 8, branch = 'linear', branchScale = 1 }: Net): Exact {
  const first = { block: 0, blocks: count, seat: 0, seats: 1, index: 0, count, kind: 'branch' }
  const roles = branch === 'relu' ? (['inner', 'out'] as const) : (['out'] as const)
  const gain = roles.reduce((product, role) => product * (placement.gain?.(role, first) ?? 1) ** 2, 1)
  const factor = factorOf(branchScale, count) ** 2
  const start: Law = { stream: { moment: 1, common: 0 }, gradient: 1, skip: 1 }
  const { stream, gradient, skip } = Array.from({ length: count }).reduce<Law>((before, _, index) => {
    const at = { ...first, block: index, index }
    const rule = placement.law!(at)
    const normed = (moment: number, applies = false): ReturnType<NormLaw> =>
      applies ? toUnit(moment) : { moment, slope: 1 }
    const read = normed(before.stream.moment, rule.before)
    const scale = (rule.scale ?? 1) * gain
    const given = normed(read.moment * scale, rule.after)
    const result = { moment: given.moment * factor, common: 0, slope: read.slope * scale * given.slope * factor }
    const rejoin = { keep: rule.keep ?? 1, add: rule.add ?? 1, norm: rule.onSum ? toUnit : null }
    const law = identity.law!(before.stream, result, at, rejoin)
    return { ...law, gradient: before.gradient * law.gradient, skip: before.skip * law.skip }
  }, start)
  return { moment: stream.moment, ratio: gradient, around: skip }
}

const n = 8
const harmonic = total(Array.from({ length: n }, (_, i) => 1 / (i + 1)))
const depthScaled: BranchScale = { exponent: 0.5 }
const growing = (moment: number): Exact => ({ moment, ratio: moment, around: 1 })
const bounded = (around: number): Exact => ({ moment: 1, ratio: 1, around })

/** Section 4b, 1 to 6 of the design space: the closed forms of v_n and of the squared gradient ratios. */
const identities: readonly (readonly [string, Net, Exact])[] = [
  ['none: 2^n', { placement: none }, growing(2 ** n)],
  ['none, relu: 2^n', { placement: none, branch: 'relu', count: 4 }, growing(2 ** 4)],
  ['none, 1/sqrt(n): (1 + 1/n)^n', { placement: none, branchScale: depthScaled }, growing((1 + 1 / n) ** n)],
  ['pre: v_0 + n, the ratio telescopes to it', { placement: pre }, growing(1 + n)],
  ['pre, relu: v_0 + n', { placement: pre, branch: 'relu', count: 4 }, growing(1 + 4)],
  ['pre, 1/sqrt(n): v_0 + 1', { placement: pre, branchScale: depthScaled }, growing(2)],
  ['preEach, relu: v_0 + n', { placement: preEach, branch: 'relu', count: 4 }, growing(1 + 4)],
  ['outEach, relu: v_0 + n', { placement: outEach, branch: 'relu', count: 4 }, growing(1 + 4)],
  ['sandwich: v_0 + n', { placement: sandwich }, growing(1 + n)],
  ['peri: v_0 + n', { placement: peri }, growing(1 + n)],
  ['out: v_0 + n', { placement: out }, growing(1 + n)],
  ['lnScaling: v_0 + H_n', { placement: lnScaling }, growing(1 + harmonic)],
  ['mixLn: 1 + 3n/4', { placement: mixLn(0.25) }, { moment: 7, ratio: 7, around: 2 ** -2 }],
  ['post: 1', { placement: post }, bounded(2 ** -n)],
  ['post of gain 1/4: 1', { placement: post, branchScale: 0.5 }, bounded(1.25 ** -n)],
  ['deepNorm: 1', { placement: deepNorm, branch: 'relu', count: 4 }, bounded((1 + 4 ** -1.5 / 4) ** -4)],
  ['keel: 1', { placement: keel }, bounded((1 + n ** -2) ** -n)],
]

/** What norms and relu leave of a ratio: it is of the order of n / width. */
const bias = (exact: number, { count = n }: Partial<Net>): number => (exact * count) / 128 / 2

describe.each(identities)('%s', (_, net, exact) => {
  test('by the law, to rounding', () => {
    const law = predicted(net)
    for (const name of ['moment', 'ratio', 'around'] as const) expect(law[name], name).toBeCloseTo(exact[name], 12)
  })

  test('in random nets of width 128, within three standard errors', () => {
    const { moment, ratio } = measured(net)
    expect(Math.abs(moment.mean - exact.moment)).toBeLessThanOrEqual(3 * moment.error + 1e-12)
    expect(Math.abs(ratio.mean - exact.ratio)).toBeLessThanOrEqual(3 * ratio.error + bias(exact.ratio, net))
    expect(Math.max(moment.error / exact.moment, ratio.error / exact.ratio)).toBeLessThan(0.05)
  })
})

describe('the gradient through the skips alone', () => {
  test.each<[string, Net]>([
    ['deepNorm', { placement: deepNorm, branch: 'relu', count: 4 }],
    ['keel', { placement: keel }],
    ['mixLn', { placement: mixLn(0.25) }],
  ])('%s', (_, net) => {
    const exact = predicted(net).around
    const { mean, error } = measured({ ...net, placement: aroundOf(net.placement) }).ratio
    expect(Math.abs(mean - exact)).toBeLessThanOrEqual(3 * error + bias(exact, net))
    expect(error).toBeLessThan(0.05 * exact)
  })

  test('deepNorm keeps 98% of it at 32 blocks of two branches', () => {
    const ratio = Math.sqrt(predicted({ placement: deepNorm, branch: 'relu', count: 64 }).around)
    expect(ratio).toBeCloseTo(Math.exp(-1 / 64), 5)
    expect(ratio).toBeCloseTo(0.98, 2)
  })
})

describe('post holds as the width grows: the gap falls as 1/width', () => {
  test.each([
    ['ratio^2 to 1', post, 1],
    ['around the branches to 2^-n', aroundOf(post), 2 ** n],
  ])('%s', (_, placement, scale) => {
    const [narrow, wide] = [
      { width: 32, draws: 100 },
      { width: 128, draws: 20 },
    ].map((size) => {
      const { mean, error } = measured({ placement, ...size, tokens: 16 }).ratio
      return { gap: scale * mean - 1, error: scale * error }
    }) as [Record<'gap' | 'error', number>, Record<'gap' | 'error', number>]
    expect(narrow.gap).toBeGreaterThan(3 * narrow.error)
    expect(wide.gap).toBeLessThan(narrow.gap / 2)
    expect(Math.abs(wide.gap - narrow.gap / 4)).toBeLessThan(3 * Math.hypot(wide.error, narrow.error / 4))
  })
})

test('1/sqrt(n) tends to e', () => {
  expect(predicted({ placement: none, branchScale: depthScaled, count: 1000 }).moment).toBeCloseTo(Math.E, 2)
})

describe('weights times 100, under a norm after the branch', () => {
  /** y, and the gradients of `<y, direction>`, of attention and feed-forward, weights whose path ends in `end` times `by`. */
  const run = (placement: Placement, end: string, by: number, normed = false): Record<string, HostTensor> => {
    const block = { attention: attention({ heads: 2, bias: false }), mlp: feedForward({ hidden: 16 }) }
    const stack = wireParts([block, block], { ...bare, placement, norm, qkNorm: normed ? norm : null })
    const { output: y, parameters } = trace(stack, 'float32', [2, 3, 8])
    const leaves = [...parameters.values()]
    const gradients = vjp(
      [y],
      [input('direction', 'float32', y.shape)],
      leaves.map(({ value }) => value),
    )
    const values = leaves.map((leaf) => {
      const factor = leaf.path.endsWith(end) ? by : 1
      return [leaf.path, map(draw(leaf, 0), (x) => x * factor)] as const
    })
    const outputs = leaves.map(({ path }, i) => [path, gradients[i]!] as const)
    return evaluate(graph({ y, ...Object.fromEntries(outputs) }), {
      ...Object.fromEntries(values),
      inputs: normals('x', [2, 3, 8], 0),
      direction: normals('direction', [2, 3, 8], 0),
    })
  }
  const placements: [string, Placement][] = [
    ['sandwich', sandwich],
    ['peri', peri],
    ['out', out],
  ]

  test.each(placements)('%s: the last maps change nothing but their own gradients, to a hundredth', (_, placement) => {
    for (const last of ['down', 'out']) {
      const scaled = run(placement, `${last}.weight`, 100)
      for (const [name, before] of Object.entries(run(placement, `${last}.weight`, 1)))
        expectClose(scaled[name]!, name.includes(`.${last}.`) ? map(before, (x) => x / 100) : before, 1e-9, name)
    }
  })

  test.each(placements)('%s: queries change what comes out, unless they are normalised', (_, placement) => {
    const change = (normed: boolean): number => {
      const [once, scaled] = [1, 100].map((by) => run(placement, 'query.weight', by, normed).y!)
      return Math.max(...Array.from(once!.data, (value, i) => Math.abs(value - scaled!.data[i]!)))
    }
    expect(change(false)).toBeGreaterThan(0.01)
    expect(change(true)).toBeLessThan(1e-10)
  })
})
