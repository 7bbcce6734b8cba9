import type { Value } from '../graph/value.ts'
import { argMax } from '../ops/arg-max.ts'
import { sub } from '../ops/arithmetic.ts'
import { needSameShape } from '../nn/loss.ts'
import { cast, equal } from '../ops/compare.ts'
import { softmaxCrossEntropy } from '../ops/softmax.ts'
import { abs } from '../ops/unary.ts'

/** What is measured of a batch in the same graph as the loss: one number per example (`[batch, ...]`), or their mean (`[]`). */
export type Metric = (output: Value, targets: Value) => Value

/** Share of rows, 1 or 0 each, whose largest logit is the target's. Shapes: logits `[..., classes]`, targets (int32) `[...]`. */
export const accuracy: Metric = (logits, targets) => cast(equal(argMax(logits), targets), logits.dtype)

/**
 * Cross-entropy per row, nats, without what a loss adds to it (z-loss, label smoothing). Of a text, bits per byte and
 * perplexity follow from it. Shapes: logits `[..., classes]`, targets (int32) `[...]`.
 */
export const crossEntropy: Metric = (logits, targets) => softmaxCrossEntropy(logits, targets)[0]

/** `|output - target|`, to be averaged. Shapes: both the same. */
export const meanAbsoluteError: Metric = (output, targets) => {
  needSameShape('meanAbsoluteError', output, targets)
  return abs(sub(output, targets))
}
