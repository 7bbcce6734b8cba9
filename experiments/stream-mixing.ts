/**
 * E31: how much can the mixing of streams grow a signal, and do streams stay apart? Hyper-connections and mHC.
 *
 * Four streams; of the mixing matrices A_1 ... A_L the product alone, in float64, nothing is trained. Their initial values
 * (the identity) have no gain, so each is moved at random, as training would: A of hyper-connections by 0.1 N(0, 1), the
 * logits of mHC by N(0, 1), around its default (8 on the diagonal) and around 1, which mixes strongly. The largest column
 * sum of |A_1 ... A_L| is the composite gain. The smaller, second singular value says what is left of differences between
 * streams; below 1e-16 it is rounding, and is put there.
 */
import { nn, ops, type Value } from 'residua'
import * as lab from 'residua/lab'
import { above, below } from './kit/rules.ts'

const kinds = {
  HC: { skip: { name: 'hyper' }, move: 0.1 },
  mHC: { skip: { name: 'manifoldHyper', dynamic: false }, move: 1 },
  'mHC, strong mixing': { skip: { name: 'manifoldHyper', dynamic: false, logit: 1 }, move: 1 },
  'mHC-lite, strong mixing': {
    skip: { name: 'manifoldHyper', form: 'permutation', dynamic: false, logit: 1 },
    move: 1,
  },
} as const

/** The rows of `A_1 ... A_depth`, each moved at random by `move`. */
function product({ skip, move }: (typeof kinds)[keyof typeof kinds], depth: number, seed: number): Float64Array[] {
  const { product: rows } = lab.initialOutputs((s, taps) => {
    const stack = nn.wire(
      new Array<nn.Block>(depth).fill((_, x) => x),
      { skip, norm: 'none' },
    )
    const moved = s.with({
      parameter: (own, _, name) => {
        const fill: typeof own.init.fill = (source, shape) => {
          const noise = nn.normal(move).fill(source, shape)
          return own.init.fill(source, shape).map((x, i) => x + noise[i]!)
        }
        return name === 'A' ? { ...own, init: { name: 'moved', fill } } : own
      },
    })
    stack(moved, s.parameter('x', [1, 1], { role: 'embed', init: nn.ones }))
    const mixing = [...taps].filter(([path]) => path.endsWith('mixing')).map(([, value]) => value)
    return { product: mixing.reduce((so, next): Value => ops.matMul(so, next)) }
  }, seed)
  const { data, shape } = rows!
  return Array.from({ length: shape[0]! }, (_, i) =>
    Float64Array.from(data.subarray(i * shape[1]!, (i + 1) * shape[1]!)),
  )
}

const largestColumnSum = (rows: readonly Float64Array[]): number =>
  Math.max(...rows[0]!.map((_, j) => rows.reduce((total, row) => total + Math.abs(row[j]!), 0)))

export default lab.experiment({
  id: 'E31',
  file: import.meta.url,
  minutes: { full: 0.1, short: 0.1 },
  arms: Object.fromEntries([12, 60, 240].map((depth) => [`${depth} layers`, { depth }])),
  full: { seeds: 10 },
  short: { seeds: 5 },
  measure: ({ depth }, { seed }) =>
    Object.fromEntries(
      Object.entries(kinds).flatMap(([name, kind]) => {
        const rows = product(kind, depth, seed)
        const gain = largestColumnSum(rows)
        return [
          name === 'HC' ? [`${name}: log10 composite gain`, Math.log10(gain)] : [`${name}: composite gain`, gain],
          [`${name}: log10 second singular value`, Math.log10(Math.max(lab.singularValues(rows)[1]!, 1e-16))],
        ]
      }),
    ),
  statements: {
    bounded: {
      says: { en: 'The composite gain of mHC is 1 at every depth.', zh: '无论多深，mHC 的累积增益都是 1。' },
      rule: { kind: 'identity', metric: 'mHC: composite gain', equals: 1, tolerance: 1e-9 },
      claims: { 71: 'informs' },
      papers: { 'mhc-2025': 'supports' },
    },
    'bounded when mixing strongly': {
      says: {
        en: 'The composite gain of mHC is 1 at every depth, however strongly it mixes.',
        zh: '无论多深、混合多强，mHC 的累积增益都是 1。',
      },
      rule: { kind: 'identity', metric: 'mHC, strong mixing: composite gain', equals: 1, tolerance: 1e-9 },
      papers: { 'mhc-2025': 'supports' },
    },
    grows: {
      says: {
        en: 'Over 240 layers hyper-connections whose mixing matrices were moved at random by 0.1 multiply a signal by more than ten.',
        zh: '混合矩阵受 0.1 随机扰动的 hyper-connections，经过 240 层把信号放大十倍以上。',
      },
      rule: above('240 layers', 'HC: log10 composite gain', 1, 0.5),
      claims: { 71: 'informs' },
      papers: { 'hyper-connections-2024': 'informs', 'mhc-2025': 'informs' },
    },
    merge: {
      says: {
        en: 'Bounded, yet the streams merge: with strong mixing less than a millionth of their differences is left after 240 layers.',
        zh: '虽然有界，各流却会合并：混合强时，240 层之后差异不足百万分之一。',
      },
      rule: below('240 layers', 'mHC, strong mixing: log10 second singular value', -6, 1),
      papers: { 'mhc-2025': 'informs' },
    },
  },
})
