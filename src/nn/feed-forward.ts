import { type ActivationName, activationNamed } from './activation.ts'
import { dropout } from './dropout.ts'
import { fanIn } from './init.ts'
import { linear } from './linear.ts'
import { needPositive } from './options.ts'
import { branch, type Branch } from './wiring/protocol.ts'

export interface FeedForwardOptions {
  /** Width of the hidden layer. */
  readonly hidden: number
  /** Default 'gelu'. */
  readonly activation?: ActivationName
  /** Adds biases, initially 0. Default true. */
  readonly bias?: boolean
  /** Share of hidden units dropped in training. Default 0. */
  readonly dropout?: number
}

/**
 * The position-wise branch `W2 f(W1 x + b1) + b2`; its gain at initialisation is about 1 (W2 makes up for the activation).
 *
 * Shapes: x `[..., d]` to `[..., d]`; parameters `up.weight` `[hidden, d]`, `up.bias`, `down.weight` `[d, hidden]`,
 * `down.bias`. Norm sites: `activation` (before f), `hidden` (before W2) and `output`.
 */
export function feedForward(options: FeedForwardOptions): Branch {
  const { hidden, activation = 'gelu', bias = true, dropout: rate = 0 } = options
  needPositive('feedForward', 'hidden', hidden)
  const { apply, gain } = activationNamed(activation)
  const drop = dropout(rate)
  return branch('feedForward', (s, x) => {
    const up = linear(hidden, { bias })(s.in('up'), x)
    const units = s.tap('hidden', apply(s.site('activation', up)))
    const active = drop(s.in('dropout'), s.site('hidden', units))
    return s.site('output', linear(s.width(x), { bias, init: fanIn(gain), role: 'out' })(s.in('down'), active))
  })
}
