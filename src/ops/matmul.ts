import { ShapeError } from '../errors.ts'
import type { Emit } from '../graph/emit.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'
import { type HostTensor, sameShape, type Shape, sizeOf, type TensorType } from '../tensor.ts'
import { beforeBroadcast } from './broadcast.ts'
import { broadcastShapes, floatDtype, offsets, referenceArray } from './host.ts'

interface Transposes {
  /** Read the last two axes of the first operand swapped; nothing is materialised. */
  readonly a?: boolean
  readonly b?: boolean
}
interface Flags {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Rows, inner size and columns of a product, or a ShapeError with a hint. */
function sizes(a: TensorType, b: TensorType, { transposeA, transposeB }: Flags): [number, number, number] {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(`expected matrices, got ranks ${a.shape.length} and ${b.shape.length}; reshape first`)
  }
  const [m, k] = (transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)]) as [number, number]
  const [inner, n] = (transposeB ? [b.shape.at(-1), b.shape.at(-2)] : [b.shape.at(-2), b.shape.at(-1)]) as [
    number,
    number,
  ]
  if (k !== inner) {
    const hint = k === n ? '; transpose the second?' : ''
    throw new ShapeError(
      `inner sizes differ, [${a.shape.join(', ')}] x [${b.shape.join(', ')}]: ${k} against ${inner}${hint}`,
    )
  }
  return [m, k, n]
}

/** Reference product of one pair of matrices, added into `out`. */
function multiply(
  out: Float64Array,
  at: readonly [a: number, b: number, out: number],
  [m, k, n]: readonly [number, number, number],
  a: HostTensor,
  b: HostTensor,
  { transposeA, transposeB }: Flags,
): void {
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let total = 0
      for (let i = 0; i < k; i++) {
        const x = a.data[at[0] + (transposeA ? i * m + row : row * k + i)]!
        const y = b.data[at[1] + (transposeB ? column * k + i : i * n + column)]!
        total += x * y
      }
      const place = at[2] + row * n + column
      out[place] = out[place]! + total
    }
  }
}

function gemmNode(emit: Emit, inputs: readonly string[], { transposeA, transposeB }: Flags): string {
  return emit.node('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB) })
}

function swapped(emit: Emit, x: string, type: TensorType): string {
  const rank = type.shape.length
  const order = [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]
  return emit.node('Transpose', [x], { perm: order })
}

/** A multiplication and an addition for each element of the inner axis, for each element of the product. */
const productFlops = (a: TensorType, out: TensorType, { transposeA }: Flags): number =>
  2 * sizeOf(out.shape) * a.shape.at(transposeA ? -2 : -1)!

const matMulOp: Op<[a: Value, b: Value], Flags> = {
  name: 'matMul',
  type: ([a, b], flags) => {
    const dtype = floatDtype([a, b])
    const [m, , n] = sizes(a, b, flags)
    return [{ dtype, shape: [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n] }]
  },
  vjp: ([g], [a, b], { transposeA, transposeB }) => [
    transposeA ? matMul(b, g, { a: transposeB, b: true }) : matMul(g, b, { b: !transposeB }),
    transposeB ? matMul(g, a, { a: true, b: transposeA }) : matMul(a, g, { a: !transposeA }),
  ],
  onnx: (emit, [a, b], flags, { inputs: [typeA, typeB], outputs: [out] }) => {
    if (out.shape.length === 2) return [gemmNode(emit, [a, b], flags)]
    const left = flags.transposeA ? swapped(emit, a, typeA) : a // ONNX Runtime folds these into its FusedMatMul
    return [emit.node('MatMul', [left, flags.transposeB ? swapped(emit, b, typeB) : b])]
  },
  evaluate: ([a, b], flags, { inputs, outputs: [type] }) => {
    const [m, k, n] = sizes(inputs[0], inputs[1], flags)
    const batch = type.shape.slice(0, -2)
    const placesA = offsets(a.shape.slice(0, -2), batch)
    const placesB = offsets(b.shape.slice(0, -2), batch)
    const out = referenceArray(type) as Float64Array
    for (let i = 0; i < sizeOf(batch); i++) {
      const at = [placesA[i]! * m * k, placesB[i]! * k * n, i * m * n] as const
      multiply(out, at, [m, k, n], a, b, flags)
    }
    return [out]
  },
  flops: ({ inputs: [a], outputs: [out] }, flags) => productFlops(a, out, flags),
  accumulate: ([a, b], { transposeA, transposeB }, addend) =>
    a.shape.length === 2 && b.shape.length === 2 ? bind(gemmOp, [a, b, addend], { transposeA, transposeB })[0] : null,
}

/**
 * Matrix product over the last two axes; leading axes broadcast.
 *
 * Shapes: a `[..., m, k]`, b `[..., k, n]` to `[..., m, n]`; `{ a: true }` or `{ b: true }` reads that operand transposed.
 */
export const matMul = (a: Value, b: Value, transposed: Transposes = {}): Value =>
  bind(matMulOp, [a, b], { transposeA: transposed.a ?? false, transposeB: transposed.b ?? false })[0]

const gemmOp: Op<[a: Value, b: Value, c: Value], Flags> = {
  name: 'gemm',
  type: ([a, b, c], flags) => {
    const dtype = floatDtype([a, b, c])
    if (a.shape.length !== 2 || b.shape.length !== 2) throw new ShapeError('expected two matrices and an addend')
    const [m, , n] = sizes(a, b, flags)
    if (!sameShape(broadcastShapes(c.shape, [m, n]), [m, n])) {
      throw new ShapeError(`the addend [${c.shape.join(', ')}] does not broadcast to [${m}, ${n}]`)
    }
    return [{ dtype, shape: [m, n] }]
  },
  vjp: ([g], [a, b], flags, outputs) => {
    const [da, db] = matMulOp.vjp?.([g], [a, b], flags, outputs) as readonly [Value, Value]
    return [da, db, g]
  },
  onnx: (emit, inputs, flags) => [gemmNode(emit, inputs, flags)],
  evaluate: ([a, b, c], flags, { inputs, outputs: [type] }) => {
    const out = referenceArray(type) as Float64Array
    offsets(c.shape, type.shape).forEach((offset, position) => {
      out[position] = c.data[offset]!
    })
    multiply(out, [0, 0, 0], sizes(inputs[0], inputs[1], flags), a, b, flags)
    return [out]
  },
  flops: ({ inputs: [a], outputs: [out] }, flags) => productFlops(a, out, flags) + sizeOf(out.shape),
  simplify: ([a, b, c], flags) => {
    const addend = beforeBroadcast(c)
    return addend && bind(gemmOp, [a, b, addend], flags)
  },
}

/**
 * `a b + c` for matrices: one kernel for a product and its bias, or for a product and a sum so far. A primitive because
 * the separate addition costs a pass over the result (2% of a GPT step, engine.md 3).
 *
 * Shapes: a `[m, k]`, b `[k, n]`, c anything that broadcasts to `[m, n]`.
 */
export const gemm = (a: Value, b: Value, c: Value, transposed: Transposes = {}): Value =>
  bind(gemmOp, [a, b, c], { transposeA: transposed.a ?? false, transposeB: transposed.b ?? false })[0]

/** Rows and width of `[..., width]` seen as a matrix. */
export function rowsOf(shape: Shape): [rows: number, width: number] {
  const width = shape.at(-1)
  if (width === undefined) throw new ShapeError('expected at least one axis, got a scalar')
  return [sizeOf(shape) / width, width]
}
