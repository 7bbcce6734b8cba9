import type { ActivationName } from '../../nn/activation.ts'
import type { AttentionMap } from '../../nn/attention.ts'
import type { RotaryOptions } from '../../nn/rotary.ts'
import { type ResolvedWiring, resolveWiring, type Wiring } from '../../nn/wiring/wiring.ts'
import type { Positions, TrunkOptions } from '../../models/trunk.ts'

/** The options of a trunk with nothing left open. */
export interface Trunk {
  readonly width: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  readonly hidden: number
  readonly vocabulary: number
  readonly positions: Positions
  readonly rotary: RotaryOptions
  readonly feedForward: 'plain' | 'gated'
  readonly activation: ActivationName
  readonly attentionBias: readonly AttentionMap[]
  readonly feedForwardBias: boolean
  readonly dropout: number
  readonly padding: number | null
  readonly wiring: ResolvedWiring
  /** Of the wiring's norm. */
  readonly epsilon: number
}

export const allMaps: readonly AttentionMap[] = ['query', 'key', 'value', 'out']

/** The options of a trunk, `wiring` being what its model takes where it is left out. */
export function trunkOf(options: TrunkOptions, wiring: Wiring = {}): Trunk {
  const { width, heads, vocabulary, feedForward = 'plain', bias = true } = options
  const biases = typeof bias === 'boolean' ? { attention: bias, feedForward: bias } : bias
  const { attention = true, feedForward: feedForwardBias = true } = biases
  const resolved = resolveWiring(options.wiring ?? wiring)
  const epsilon = typeof resolved.norm === 'string' ? undefined : resolved.norm.epsilon
  return {
    width,
    heads,
    keyValueHeads: options.keyValueHeads ?? heads,
    headSize: options.headSize ?? width / heads,
    hidden: options.hidden ?? 4 * width,
    vocabulary,
    positions: options.positions ?? 'learned',
    rotary: options.rotary ?? {},
    feedForward,
    activation: options.activation ?? (feedForward === 'gated' ? 'silu' : 'gelu'),
    attentionBias: allMaps.filter((map) => (typeof attention === 'boolean' ? attention : attention.includes(map))),
    feedForwardBias,
    dropout: options.dropout ?? 0,
    padding: options.padding ?? null,
    wiring: resolved,
    epsilon: typeof epsilon === 'number' ? epsilon : 1e-5,
  }
}

type Fields = Readonly<Record<string, unknown>> & { readonly wiring: ResolvedWiring }

/** Fields and those of the wiring as text, without the initial values. */
const textsOf = ({ wiring, ...others }: Fields): [string, string][] => {
  const { init: _, ...wired } = wiring
  const all = [
    ...Object.entries(others),
    ...Object.entries(wired).map(([key, value]) => [`wiring.${key}`, value] as const),
  ]
  return all.map(([key, value]) => [key, value === undefined ? 'nothing' : JSON.stringify(value)])
}

/** The first field that a net has otherwise than a family wants it, in words; null where there is none. */
export function difference(net: Fields, wanted: Fields): string | null {
  const found = new Map(textsOf(net))
  const wrong = textsOf(wanted).find(([key, value]) => found.get(key) !== value)
  return wrong === undefined ? null : `${wrong[0]} is ${found.get(wrong[0])}, expected ${wrong[1]}`
}
