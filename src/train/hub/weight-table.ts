import { type Shape, sizeOf } from '../../tensor.ts'

/** Several parameters row after row in one tensor, or one in another order. */
export interface Rows {
  readonly paths: readonly string[]
  /** The tensor is `[in, out]`. */
  readonly transposed?: true
  /** The rows of each of so many heads stand as (pair, half) instead of (half, pair), as llama.cpp turns them. */
  readonly interleaved?: number
}

/** Which tensors of a file hold which parameters of a net; read in both directions. */
export interface WeightTable {
  /**
   * The parameter path of each tensor, or the several it holds; `{i}` stands for every block. A family lists all that its
   * nets may have: of these, a net's parameters choose.
   */
  readonly tensors: Readonly<Record<string, string | Rows>>
  /** Tensors that a file may hold a second time where the net has no parameter of their own, and what they must equal. */
  readonly repeats: Readonly<Record<string, string>>
  /** Whether a net does without a tensor. */
  readonly ignored: (name: string) => boolean
  /** The table's name for a tensor that other files call otherwise. */
  readonly rename?: (name: string) => string
}

interface Part {
  readonly path: string
  readonly shape: Shape
}

/** A tensor of a file and the parameters of one net in it. */
export interface StoredTensor extends Omit<Rows, 'paths'> {
  readonly name: string
  /** In the file. */
  readonly shape: Shape
  readonly parts: readonly Part[]
}

/** The tensors that hold the parameters of a net of so many blocks, in the order of the table. */
export function storedTensors(
  { tensors }: WeightTable,
  blocks: number,
  parameters: ReadonlyMap<string, Shape>,
): StoredTensor[] {
  const held = new Set<string>()
  const stored: StoredTensor[] = []
  for (const [template, place] of Object.entries(tensors)) {
    const { paths, ...order }: Rows = typeof place === 'string' ? { paths: [place] } : place
    for (let i = 0; i < (template.includes('{i}') ? blocks : 1); i++) {
      const at = (name: string): string => name.replace('{i}', String(i))
      const parts = paths
        .map(at)
        .flatMap((path) => (parameters.has(path) ? [{ path, shape: parameters.get(path)! }] : []))
      if (parts.length < paths.length) continue
      for (const { path } of parts) held.add(path)
      const rows = parts.reduce((total, { shape }) => total + shape[0]!, 0)
      const inner = parts[0]!.shape.slice(1)
      stored.push({
        name: at(template),
        shape: order.transposed ? [...inner, rows] : [rows, ...inner],
        parts,
        ...order,
      })
    }
  }
  const left = [...parameters.keys()].find((path) => !held.has(path))
  if (left !== undefined) throw new Error(`internal: no tensor of the family holds ${left}`)
  return stored
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c]!
  return result
}

/** Row (head, first, second) of the result is row (head, second, first) of `data`; `firsts` of them per head. */
function swapped(data: Float32Array, rows: number, heads: number, firsts: number): Float32Array {
  const columns = data.length / rows
  const seconds = rows / heads / firsts
  const result = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / (firsts * seconds))
    const [first, second] = [Math.floor(row / seconds) % firsts, row % seconds]
    const from = head * firsts * seconds + second * firsts + first
    result.set(data.subarray(from * columns, (from + 1) * columns), row * columns)
  }
  return result
}

/** The parameters in the elements of a stored tensor, in the order of its parts. */
export function unpack(stored: StoredTensor, data: Float32Array): Float32Array[] {
  const { parts, shape, interleaved } = stored
  if (interleaved !== undefined) return [swapped(data, shape[0]!, interleaved, 2)]
  const flat = stored.transposed && shape.length > 1 ? transposed(data, shape[0]!, shape[1]!) : data
  let begin = 0
  return parts.map((part) => {
    const end = begin + sizeOf(part.shape)
    const own = parts.length === 1 ? flat : flat.slice(begin, end)
    begin = end
    return own
  })
}

/** The elements of a stored tensor, from those of its parts: what `unpack` takes apart. */
export function pack(stored: StoredTensor, parts: readonly Float32Array[]): Float32Array {
  const { shape, interleaved } = stored
  if (interleaved !== undefined) return swapped(parts[0]!, shape[0]!, interleaved, shape[0]! / interleaved / 2)
  if (parts.length === 1 && !stored.transposed) return parts[0]!
  const flat = new Float32Array(sizeOf(shape))
  let begin = 0
  for (const part of parts) {
    flat.set(part, begin)
    begin += part.length
  }
  return stored.transposed && shape.length > 1 ? transposed(flat, shape[1]!, shape[0]!) : flat
}
