import { type HostTensor, sameShape, typeText } from '../src/tensor.ts'

/** Largest `|actual - expected|`, in units of the largest `|expected|`; NaN and infinity only match themselves. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let scale = 0
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i]!
    const a = actual[i]!
    if (Number.isFinite(e)) scale = Math.max(scale, Math.abs(e))
    if (!Object.is(a, e) && a !== e) worst = Math.max(worst, Number.isFinite(e - a) ? Math.abs(e - a) : Infinity)
  }
  return worst === 0 ? 0 : worst / Math.max(scale, Number.MIN_VALUE)
}

/** Throws unless both tensors have one shape and differ by at most `tolerance` of the largest expected element. */
export function expectClose(actual: HostTensor, expected: HostTensor, tolerance: number, what = 'tensor'): void {
  if (!sameShape(actual.shape, expected.shape)) {
    throw new Error(`${what}: expected ${typeText(expected)}, got ${typeText(actual)}`)
  }
  const error = relativeError(actual.data, expected.data)
  if (error <= tolerance) return
  const shown = (x: HostTensor): string => Array.from(x.data.subarray(0, 8)).join(', ')
  throw new Error(
    `${what}: off by ${error.toExponential(2)} of the largest element, at most ${tolerance} allowed; ` +
      `expected ${shown(expected)}, got ${shown(actual)}`,
  )
}
