/** A small writer of GGUF files for tests; it writes what it is told to, right or wrong. */

/** A value with the format's number of its type: `[4, 32]` is a uint32, `[9, [8, ['a', 'b']]]` an array of strings. */
export type GgufValue =
  | readonly [type: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 10 | 11 | 12, value: number | bigint]
  | readonly [type: 8, value: string | Uint8Array]
  | readonly [type: 9, value: readonly [elementType: number, values: readonly unknown[]]]

export interface GgufTensor {
  readonly name: string
  /** Fastest axis first, as GGUF has it. */
  readonly sizes: readonly (number | bigint)[]
  readonly type: number
  readonly data: Uint8Array
  /** Unless given, the next multiple of the alignment. */
  readonly offset?: number | bigint
}

export interface GgufFile {
  readonly version?: number
  readonly metadata?: readonly (readonly [key: string, value: GgufValue])[]
  readonly tensors?: readonly GgufTensor[]
  readonly alignment?: number
  readonly tensorCount?: bigint
  readonly pairCount?: bigint
}

function number(bytes: number, write: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes))
  write(view)
  return new Uint8Array(view.buffer)
}

export const uint32 = (value: number): Uint8Array => number(4, (view) => view.setUint32(0, value, true))
export const uint64 = (value: number | bigint): Uint8Array =>
  number(8, (view) => view.setBigUint64(0, BigInt(value), true))

const text = (value: string | Uint8Array): Uint8Array => {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  return Buffer.concat([uint64(bytes.length), bytes])
}

const scalars: Readonly<Record<number, (value: number | bigint) => Uint8Array>> = {
  0: (value) => number(1, (view) => view.setUint8(0, Number(value))),
  1: (value) => number(1, (view) => view.setInt8(0, Number(value))),
  2: (value) => number(2, (view) => view.setUint16(0, Number(value), true)),
  3: (value) => number(2, (view) => view.setInt16(0, Number(value), true)),
  4: (value) => uint32(Number(value)),
  5: (value) => number(4, (view) => view.setInt32(0, Number(value), true)),
  6: (value) => number(4, (view) => view.setFloat32(0, Number(value), true)),
  7: (value) => number(1, (view) => view.setUint8(0, Number(value))),
  10: uint64,
  11: (value) => number(8, (view) => view.setBigInt64(0, BigInt(value), true)),
  12: (value) => number(8, (view) => view.setFloat64(0, Number(value), true)),
}

function encode(type: number, value: unknown): Uint8Array {
  if (type === 8) return text(value as string)
  if (type !== 9) return scalars[type]!(value as number)
  const [elementType, values] = value as [number, unknown[]]
  return Buffer.concat([uint32(elementType), uint64(values.length), ...values.map((item) => encode(elementType, item))])
}

export function ggufFile(file: GgufFile): Uint8Array {
  const { version = 3, metadata = [], tensors = [], alignment = 32 } = file
  const padding = (length: number): Uint8Array => new Uint8Array(Math.ceil(length / alignment) * alignment - length)
  const head = [
    new TextEncoder().encode('GGUF'),
    uint32(version),
    uint64(file.tensorCount ?? tensors.length),
    uint64(file.pairCount ?? metadata.length),
    ...metadata.flatMap(([key, [type, value]]) => [text(key), uint32(type), encode(type, value)]),
  ]
  const data: Uint8Array[] = []
  let next = 0
  for (const { name, sizes, type, offset = next, data: bytes } of tensors) {
    head.push(text(name), uint32(sizes.length), ...sizes.map(uint64), uint32(type), uint64(offset))
    data.push(bytes, padding(bytes.length))
    next += bytes.length + padding(bytes.length).length
  }
  const start = Buffer.concat(head)
  return new Uint8Array(Buffer.concat([start, tensors.length > 0 ? padding(start.length) : new Uint8Array(0), ...data]))
}
