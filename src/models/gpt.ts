import { OptionError } from '../errors.ts'
import { needPositive } from '../nn/options.ts'
import { resolveWiring } from '../nn/wiring/wiring.ts'
import { specified, type SpecifiedNet } from './spec.ts'
import { logitsOf, maskOf, needTrunk, stackOf, type TrunkOptions } from './trunk.ts'

export interface GptOptions extends TrunkOptions {
  /** Blocks of attention and feed-forward. */
  readonly layers: number
  /** Whether logits are read out with the embedding's own table. Default false. */
  readonly tied?: boolean
  /** Logits are bounded smoothly: `c tanh(x / c)`. Default: they are not. */
  readonly softcap?: number
}

/**
 * A language model: each token sees itself and earlier ones, and gives logits for the next.
 *
 * GPT-2 is `{ tied: true, activation: 'geluTanh', wiring: { norm: 'layer', placement: 'pre', init: 'gpt2' } }`, Llama
 * `{ positions: 'rotary', feedForward: 'gated', bias: false, wiring: { norm: 'rms', placement: 'pre' } }`, with
 * `keyValueHeads` for grouped heads; all between is as good.
 *
 * Shapes: tokens int32 `[batch, time]` to logits `[batch, time, vocabulary]`. Parameters `embed.weight`,
 * `positions.weight`, `blocks.{i}.attention|mlp.*`, `finalNorm.*` and, unless tied, `head.weight`.
 *
 * Sources: Radford et al. 2019 (GPT-2); Touvron et al. 2023, arXiv:2302.13971 (Llama).
 */
export function gpt(options: GptOptions): SpecifiedNet {
  const { layers, vocabulary, softcap, padding, tied = false } = options
  needTrunk('gpt', options)
  needPositive('gpt', 'layers', layers)
  if (softcap !== undefined && !(softcap > 0 && softcap < Infinity))
    throw new OptionError(`gpt: softcap must be positive and finite, got ${softcap}`)
  const full = { ...options, wiring: resolveWiring(options.wiring ?? {}) }
  const head = logitsOf({ vocabulary, tied, bias: false, ...(softcap === undefined ? {} : { softcap }) })
  const stack = stackOf(full, { depth: layers, causal: true, head })
  return specified({ name: 'gpt', options: full }, (s, ids) => stack(s, ids, ...maskOf(ids, padding)))
}
