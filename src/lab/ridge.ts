import { dot, plus, type Vector } from './linear-algebra.ts'

const plusRow = (total: Float64Array, row: Vector): Float64Array => plus(total, row)

/** An affine map, fitted. */
export type AffineMap = (x: Vector) => Float64Array

/** Of each column; of equal float32 numbers exactly that number. */
export const columnMeans = (rows: readonly Vector[]): Float64Array =>
  rows.reduce<Float64Array>(plusRow, new Float64Array(rows[0]!.length)).map((total) => total / rows.length)

/** `a' b` of two matrices given by their rows. */
function crossProduct(a: readonly Vector[], b: readonly Vector[]): Float64Array[] {
  const product = Array.from(a[0]!, () => new Float64Array(b[0]!.length))
  a.forEach((row, n) => {
    const other = b[n]!
    for (const [i, total] of product.entries()) {
      const factor = row[i]!
      if (factor === 0) continue
      for (let j = 0; j < total.length; j++) total[j]! += factor * other[j]!
    }
  })
  return product
}

/** The rows of `L` with `L L' = a`, a symmetric and positive definite. */
function cholesky(a: readonly Vector[]): Float64Array[] {
  const lower = a.map(() => new Float64Array(a.length))
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const rest = row[j]! - dot(lower[i]!.subarray(0, j), lower[j]!.subarray(0, j))
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!
    }
  })
  return lower
}

/** The rows of `x` with `a x = b`, a symmetric and positive definite. */
function solve(a: readonly Vector[], b: readonly Float64Array[]): Float64Array[] {
  const lower = cholesky(a)
  const x = b.map((row) => new Float64Array(row))
  const clear = (i: number, j: number, factor: number): void => {
    for (let k = 0; k < x[i]!.length; k++) x[i]![k]! -= factor * x[j]![k]!
  }
  const scale = (i: number): void => {
    x[i] = x[i]!.map((value) => value / lower[i]![i]!)
  }
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) clear(i, j, lower[i]![j]!)
    scale(i)
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) clear(i, j, lower[j]![i]!)
    scale(i)
  }
  return x
}

/**
 * Ridge regression in closed form: `y = my + W'(x - mx)`, `W = (X'X + lambda I)^-1 X'Y` with X and Y centred, one example
 * per row, and `lambda = strength trace(X'X) / d`, so that the units of x do not matter. Where x does not vary, the mean.
 *
 * Source: Hoerl & Kennard 1970.
 */
export function ridge(inputs: readonly Vector[], targets: readonly Vector[], strength: number): AffineMap {
  const [inputMean, targetMean] = [columnMeans(inputs), columnMeans(targets)]
  const x = inputs.map((row) => plus(row, inputMean, -1))
  const gram = crossProduct(x, x)
  const lambda = (strength * gram.reduce((trace, row, i) => trace + row[i]!, 0)) / gram.length
  if (lambda === 0) return () => targetMean
  gram.forEach((row, i) => (row[i]! += lambda))
  const targetRows = targets.map((row) => plus(row, targetMean, -1))
  const weights = solve(gram, crossProduct(x, targetRows))
  return (row) => {
    const y = new Float64Array(targetMean)
    for (const [i, weight] of weights.entries()) {
      const factor = row[i]! - inputMean[i]!
      for (let j = 0; j < y.length; j++) y[j]! += factor * weight[j]!
    }
    return y
  }
}
