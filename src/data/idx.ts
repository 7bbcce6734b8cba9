/**
 * Reader of idx files, the format of MNIST: two zero bytes, a type code, the number of axes, their sizes as big-endian
 * 32-bit integers, then the data.
 *
 * Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits, "File formats".
 */
import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'

const unsignedByte = 0x08
const otherTypes: Readonly<Record<number, string>> = {
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
}

/**
 * Reads an idx file of unsigned bytes; `data` is a view into `bytes`, nothing is copied.
 *
 * `name` is how errors call the file. Throws DataError where the file is not idx, holds another type, or its length is
 * not what its header says.
 */
export function readIdx(bytes: Uint8Array, name: string): { shape: Shape; data: Uint8Array } {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw new DataError(`${name}: is gzip-compressed; unpack it first`)
  if (bytes.length < 4)
    throw new DataError(`${name}: expected an idx header of 4 bytes, got ${bytes.length}; truncated?`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint16(0) !== 0) {
    throw new DataError(`${name}: expected an idx file, which starts with bytes 0 0, got ${bytes[0]} ${bytes[1]}`)
  }
  const type = view.getUint8(2)
  const axes = view.getUint8(3)
  if (type !== unsignedByte) {
    const got = otherTypes[type] ?? `the unknown type code ${type}`
    throw new DataError(`${name}: expected unsigned bytes (idx type code 8), got ${got}`)
  }
  if (axes === 0) throw new DataError(`${name}: expected at least one axis, got an idx file with none`)

  const header = 4 + 4 * axes
  if (bytes.length < header) {
    throw new DataError(
      `${name}: expected ${header} header bytes for ${axes} axes, got ${bytes.length}; it is truncated`,
    )
  }
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis))
  checkLength(shape, bytes.length - header, name)
  return { shape, data: bytes.subarray(header) }
}

function checkLength(shape: Shape, got: number, name: string): void {
  const declared = sizeOf(shape)
  if (declared === got) return
  const sizes = shape.join(' x ')
  if (!Number.isSafeInteger(declared))
    throw new DataError(`${name}: sizes ${sizes} are too large; the header is damaged`)
  const damage = got < declared ? 'it is truncated' : `${got - declared} bytes are left over`
  throw new DataError(`${name}: expected ${sizes} = ${declared} bytes of data, got ${got}; ${damage}`)
}
