import { OptionError } from '../errors.ts'
import type { Layer, Overlay, Scope } from '../graph/scope.ts'
import type { Value } from '../graph/value.ts'
import { mul } from '../ops/arithmetic.ts'
import { affine } from '../ops/composite.ts'
import { rowsOf } from '../ops/matmul.ts'
import { reshape } from '../ops/reshape.ts'
import { dropout } from './dropout.ts'
import { fanIn, zeros } from './init.ts'
import { needPositive } from './options.ts'
import { below, PathPatterns } from './path-patterns.ts'

export interface LoraOptions {
  /** Rank of what is added to a weight. Default 8. */
  readonly rank?: number
  /** What is added is multiplied by alpha / rank. Default 2 rank. */
  readonly alpha?: number
  /**
   * Linear layers that get an adapter, by patterns for their paths below the net, such as `blocks.*.attention.query`: * is
   * any part of a name, ** any number of names; 'all' are those of wired blocks. Default: queries and values.
   */
  readonly targets?: 'all' | readonly string[]
  /** Share of an adapter's inputs dropped in training. Default 0. */
  readonly dropout?: number
  /** Parameters of the net that are trained as well, by patterns for their paths, such as `head.**`. Default: none. */
  readonly trained?: readonly string[]
}

/** A net with adapters. */
export type LoraNet = Layer & { readonly base: Layer; readonly lora: Required<LoraOptions> }

/** The patterns of targets that have a name. */
const allTargets = ['**.blocks.**']
const defaultTargets = ['**.query', '**.value']

/** The scope of a linear layer's adapter, where no wiring reaches. */
const adapterOf = (at: Scope, { freezes = () => false }: Overlay): Scope =>
  at.in('lora').with({ parameter: (own) => own, freezes })

/**
 * A net that is fine-tuned by adapters: its own parameters are frozen, and a linear layer `y = W x + b` that is a target
 * becomes `y + (alpha / rank) B A x`, at first the same.
 *
 * Parameters beside the target's `weight` `[out, in]`: `lora.A` `[rank, in]`, normal with variance `1 / (3 in)`, and
 * `lora.B` `[out, rank]`, initially 0. Throws OptionError for options out of range and, when traced, for a pattern that
 * matches nothing.
 *
 * Source: Hu et al. 2021, LoRA, arXiv:2106.09685; the variance is that of its code.
 */
export function lora(base: Layer, options: LoraOptions = {}): LoraNet {
  const { rank = 8, alpha = 2 * rank, targets = defaultTargets, dropout: rate = 0, trained = [] } = options
  needPositive('lora', 'rank', rank)
  if (!(alpha > 0 && alpha < Infinity)) throw new OptionError(`lora: alpha must be positive and finite, got ${alpha}`)
  if (targets.length === 0) throw new OptionError("lora: expected targets, got none; 'all' are those of wired blocks")
  const drop = dropout(rate)
  const chosen = new PathPatterns('lora: targets', 'linear layer', targets === 'all' ? allTargets : targets)
  const kept = new PathPatterns('lora: trained', 'parameter', trained)
  const factor = alpha / rank
  const init = fanIn(3 ** -0.5)

  const adapted = (s: Scope, x: Value, y: Value): Value => {
    const a = s.parameter('A', [rank, x.shape.at(-1)!], { role: 'inner', init })
    const b = s.parameter('B', [y.shape.at(-1)!, rank], { role: 'inner', init: zeros })
    const inner = mul(affine(drop(s.in('dropout'), x), a), factor) // [..., rank]
    return affine(inner, b, reshape(y, rowsOf(y.shape)))
  }

  const net: Layer = (s, x, ...context) => {
    const outer = s.overlay
    const linears = new Set<string>()
    const parameters = new Set<string>()
    const overlay: Overlay = {
      adapt: (at, from, y) => {
        const path = below(s, at.path)
        linears.add(path)
        const own = chosen.match(path) ? adapted(adapterOf(at, outer), from, y) : y
        return outer.adapt?.(at, from, own) ?? own
      },
      freezes: (path) => {
        const own = below(s, path)
        parameters.add(own)
        return !kept.match(own) || (outer.freezes?.(path) ?? false)
      },
    }
    const y = base(s.with(overlay), x, ...context)
    chosen.needMatches(linears)
    kept.needMatches(parameters)
    return y
  }
  return Object.assign(net, { base, lora: { rank, alpha, targets, dropout: rate, trained } })
}
