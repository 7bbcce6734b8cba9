import { OptionError } from '../errors.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { cast, equal, not, where } from '../ops/compare.ts'
import { softplus, square } from '../ops/composite.ts'
import { constant } from '../ops/constant.ts'
import { gather } from '../ops/gather.ts'
import { mean } from '../ops/reduce.ts'
import { softmaxCrossEntropy } from '../ops/softmax.ts'
import { tensor } from '../tensor.ts'

/** What a model is trained to lower: a scalar from the model's output and the targets of a batch. */
export type Loss = (output: Value, targets: Value) => Value

export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number
  /** Rows with this target count for nothing. */
  readonly ignoreIndex?: number
  /** A weight per class; the mean is weighted too. */
  readonly classWeights?: readonly number[]
}

/**
 * Cross-entropy of class indices under softmax, in nats, averaged over the rows: `log sum exp(x) - x[class]`.
 *
 * Shapes: logits `[..., classes]`, targets (int32) `[...]` to a scalar. With label smoothing e the target is
 * `(1 - e) onehot + e / classes`; with class weights rows are weighted by the weight of their class.
 */
export function crossEntropy(logits: Value, targets: Value, options: CrossEntropyOptions = {}): Value {
  const { labelSmoothing = 0, ignoreIndex, classWeights } = options
  const classes = logits.shape.at(-1) ?? 0
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new OptionError(`crossEntropy: labelSmoothing must be in [0, 1), got ${labelSmoothing}`)
  }
  if (classWeights && classWeights.length !== classes) {
    throw new OptionError(`crossEntropy: ${classes} classes need as many weights, got ${classWeights.length}`)
  }
  const kept = ignoreIndex === undefined ? undefined : not(equal(targets, ignoreIndex))
  const safe = kept ? where(kept, targets, 0) : targets
  const [hard, logSumExp] = softmaxCrossEntropy(logits, safe)
  const table = classWeights && constant(tensor(classWeights, [classes], logits.dtype))
  const byClass = table && gather(table, safe)
  let losses = byClass ? mul(hard, byClass) : hard
  if (labelSmoothing > 0) {
    // sum_c w_c (log sum exp - x_c)
    const weighted = table ? sum(mul(logits, table), [-1]) : sum(logits, [-1])
    const total = classWeights?.reduce((a, b) => a + b, 0) ?? classes
    const spread = sub(mul(logSumExp, total), weighted)
    losses = add(mul(losses, 1 - labelSmoothing), mul(spread, labelSmoothing / classes))
  }
  if (!kept && !byClass) return mean(losses)
  const mask = kept && cast(kept, losses.dtype)
  const weights = mask && byClass ? mul(mask, byClass) : (mask ?? byClass)
  return div(sum(mask ? mul(losses, mask) : losses), sum(weights!))
}

/** Mean of `(output - target)^2` over all elements. Shapes: both the same. */
export const meanSquaredError: Loss = (output, targets) => mean(square(sub(output, targets)))

/** Mean binary cross-entropy of logits, `log(1 + e^x) - x t`, in nats. Shapes: both the same; targets in [0, 1]. */
export const binaryCrossEntropy: Loss = (logits, targets) => mean(sub(softplus(logits), mul(logits, targets)))
