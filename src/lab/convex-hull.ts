import { DataError } from '../errors.ts'
import { dot, norm, plus, type Vector } from './linear-algebra.ts'

/** Whether a point lies in the convex hull of others, with what proves it. */
export type HullTest =
  | {
      readonly inside: true
      /** At least 0 and summing to 1: the point is `sum_j weights[j] points[j]`. */
      readonly weights: Float64Array
    }
  | {
      readonly inside: false
      /** Its product with the point is larger than with any other. */
      readonly direction: Float64Array
    }

/** A distance from the hull, in units of the farthest point's, that is rounding. */
const rounding = 1e-8

/** `M z = y` for a symmetric positive definite M, by elimination. */
function solve(rows: readonly Vector[], y: readonly number[]): Float64Array {
  const m = rows.map((row, i) => Float64Array.of(...row, y[i]!))
  const n = m.length
  m.forEach((pivot, k) => {
    for (const row of m.slice(k + 1)) {
      const factor = row[k]! / pivot[k]!
      for (let j = k; j <= n; j++) row[j]! -= factor * pivot[j]!
    }
  })
  const z = new Float64Array(n)
  for (let i = n - 1; i >= 0; i--) z[i] = (m[i]![n]! - dot(m[i]!.subarray(0, n), z)) / m[i]![i]!
  return z
}

/** Moves the weights of `used` columns to where they come nearest to `target`, and drops those that would be negative. */
function improve(weights: Float64Array, used: number[], columns: readonly Vector[], target: Vector): void {
  for (;;) {
    const free = solve(
      used.map((i) => Float64Array.from(used, (j) => dot(columns[i]!, columns[j]!))),
      used.map((j) => dot(columns[j]!, target)),
    )
    const shares = used.map((j, i) => (free[i]! > 0 ? 1 : weights[j]! / (weights[j]! - free[i]!)))
    const share = Math.min(1, ...shares)
    used.forEach((j, i) => (weights[j]! += share * (free[i]! - weights[j]!)))
    if (share === 1) return
    const dropped = used.splice(shares.indexOf(share), 1)
    weights[dropped[0]!] = 0
  }
}

/**
 * Whether `point` lies in the convex hull of `points`, to a relative 1e-8, by the distance between them: the least
 * `|sum_j w_j (points[j] - point)|^2 + (1 - sum_j w_j)^2` over `w >= 0` is 0 inside, and what is left outside points away.
 *
 * Throws DataError for no points, points of another length, and where rounding hides the answer.
 *
 * Source: Lawson & Hanson 1974, Solving Least Squares Problems, chapter 23.
 */
export function inConvexHull(point: Vector, points: readonly Vector[]): HullTest {
  if (points.length === 0 || points.some(({ length }) => length !== point.length))
    throw new DataError(`inConvexHull: expected one point or more, each of length ${point.length}`)
  const apart = points.map((other) => plus(other, point, -1))
  const scale = Math.max(...apart.map(norm)) || 1
  const columns = apart.map((difference) => Float64Array.of(...difference.map((x) => x / scale), 1))
  const target: Vector = Float64Array.from(columns[0]!, (_, i) => +(i === point.length))
  const weights = new Float64Array(columns.length)
  const used: number[] = []
  for (let step = 0; step <= 10 * columns.length; step++) {
    const left = used.reduce<Vector>((rest, j) => plus(rest, columns[j]!, -weights[j]!), target)
    if (norm(left) <= rounding) {
      const total = weights.reduce((sum, weight) => sum + weight)
      return { inside: true, weights: weights.map((weight) => weight / total) }
    }
    const slopes = columns.map((column, j) => (used.includes(j) ? -Infinity : dot(column, left)))
    const steepest = Math.max(...slopes)
    if (steepest <= 0.01 * rounding * norm(left))
      return { inside: false, direction: Float64Array.from(left.subarray(0, -1)) }
    used.push(slopes.indexOf(steepest))
    improve(weights, used, columns, target)
  }
  throw new DataError('inConvexHull: rounding hides whether the point is inside. Scale the points to a common spread')
}
