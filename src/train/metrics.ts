import type { Value } from '../graph/value.ts'
import { argMax } from '../ops/arg-max.ts'
import { sub } from '../ops/arithmetic.ts'
import { cast, equal } from '../ops/compare.ts'
import { mean } from '../ops/reduce.ts'
import { abs } from '../ops/unary.ts'

/** A scalar measured on a batch, averaged over examples; computed in the same graph as the loss. */
export type Metric = (output: Value, targets: Value) => Value

/** Share of rows whose largest logit is the target's. Shapes: logits `[..., classes]`, targets (int32) `[...]`. */
export const accuracy: Metric = (logits, targets) => mean(cast(equal(argMax(logits), targets), logits.dtype))

/** Mean of `|output - target|`. Shapes: both the same. */
export const meanAbsoluteError: Metric = (output, targets) => mean(abs(sub(output, targets)))
