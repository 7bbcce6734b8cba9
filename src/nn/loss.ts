import { OptionError, ShapeError } from '../errors.ts'
import type { Value } from '../graph/value.ts'
import { add, div, mul, sub } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { cast, equal, not, where } from '../ops/compare.ts'
import { softplus, square } from '../ops/composite.ts'
import { constant, filled } from '../ops/constant.ts'
import { gather } from '../ops/gather.ts'
import { mean } from '../ops/reduce.ts'
import { softmaxCrossEntropy } from '../ops/softmax.ts'
import { sameShape, tensor, typeText } from '../tensor.ts'
import { needNonNegative } from './options.ts'

/** What a model is trained to lower: a scalar from the model's output and the targets of a batch. */
export interface Loss {
  (output: Value, targets: Value): Value
  /** How much a batch counts in a mean over batches; by default its number of examples. */
  readonly weight?: (targets: Value) => Value
  /** The targets are class indices, all but this one below the net's number of outputs. */
  readonly ignoreIndex?: number | null
  /** What `crossEntropyWith` made it of, so that a run folder can make it again. */
  readonly crossEntropyOptions?: CrossEntropyOptions
}

export interface CrossEntropyOptions {
  /** Share of the target spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number
  /** Rows with this target count for nothing. */
  readonly ignoreIndex?: number
  /** A weight per class; the mean is weighted too. */
  readonly classWeights?: readonly number[]
  /**
   * Factor of the mean of `(log sum exp(x))^2`, which keeps logits from drifting away from 0; 1e-4 is usual. Default 0.
   *
   * Source: Chowdhery et al. 2022 (PaLM), arXiv:2204.02311.
   */
  readonly zLoss?: number
}

/**
 * Cross-entropy of class indices under softmax, in nats, averaged over the rows: `log sum exp(x) - x[class]`.
 *
 * Shapes: logits `[..., classes]`, targets (int32) `[...]` to a scalar. With label smoothing e the target is
 * `(1 - e) onehot + e / classes`; with class weights rows are weighted by the weight of their class. A z-loss is added,
 * averaged over the same rows.
 */
export function crossEntropy(logits: Value, targets: Value, options: CrossEntropyOptions = {}): Value {
  const { labelSmoothing = 0, ignoreIndex, classWeights, zLoss = 0 } = options
  const classes = logits.shape.at(-1) ?? 0
  needNonNegative('crossEntropy', 'zLoss', zLoss)
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
  if (zLoss > 0) {
    const penalties = mul(square(logSumExp), zLoss)
    losses = add(losses, byClass ? mul(penalties, byClass) : penalties)
  }
  if (!kept && !byClass) return mean(losses)
  const mask = kept && cast(kept, losses.dtype)
  const weights = mask && byClass ? mul(mask, byClass) : (mask ?? byClass)
  const total = sum(weights!)
  const empty = cast(equal(total, 0), losses.dtype) // a batch without a row that counts has loss 0, not 0 / 0
  return div(sum(mask ? mul(losses, mask) : losses), add(total, empty))
}

/** `crossEntropy` with options, as a loss: `loss: nn.crossEntropyWith({ labelSmoothing: 0.1 })`. */
export function crossEntropyWith(options: CrossEntropyOptions): Loss {
  const { ignoreIndex = null, classWeights } = options
  const weight = (targets: Value): Value => {
    const kept = ignoreIndex === null ? undefined : not(equal(targets, ignoreIndex))
    const ones = kept ? cast(kept, 'float32') : filled(1, targets.shape)
    if (!classWeights) return sum(ones)
    const table = constant(tensor(classWeights.slice(), [classWeights.length]))
    return sum(mul(ones, gather(table, kept ? where(kept, targets, 0) : targets)))
  }
  const loss = (logits: Value, targets: Value): Value => crossEntropy(logits, targets, options)
  return Object.assign(loss, { weight, ignoreIndex, crossEntropyOptions: options })
}

/** Throws ShapeError unless output and targets have one shape: broadcasting them would compare each with every other. */
export function needSameShape(where: string, output: Value, targets: Value): void {
  if (sameShape(output.shape, targets.shape)) return
  throw new ShapeError(
    `${where}: output ${typeText(output.type)} and targets ${typeText(targets.type)} must have the same shape; give targets as rows, [[y], ...]`,
  )
}

/** Mean of `(output - target)^2` over all elements. Shapes: both the same. */
export const meanSquaredError: Loss = (output, targets) => {
  needSameShape('meanSquaredError', output, targets)
  return mean(square(sub(output, targets)))
}

/** Mean binary cross-entropy of logits, `log(1 + e^x) - x t`, in nats. Shapes: both the same; targets in [0, 1]. */
export const binaryCrossEntropy: Loss = (logits, targets) => {
  needSameShape('binaryCrossEntropy', logits, targets)
  return mean(sub(softplus(logits), mul(logits, targets)))
}
