import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

function writeIdx(path: string, sizes: readonly number[], byteAt: (index: number) => number): void {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header.writeUInt8(8, 2)
  header.writeUInt8(sizes.length, 3)
  sizes.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis))
  const length = sizes.reduce((product, size) => product * size, 1)
  writeFileSync(path, Buffer.concat([header, Uint8Array.from({ length }, (_, i) => byteAt(i))]))
}

/** Writes the four files of MNIST with few images: image i has the label i mod 10, and row `label` of it is bright. */
export function writeTinyMnist(folder: string, train = 256, test = 50): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, size] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    const pixel = (at: number): number => (Math.floor(at / 28) % 28 === Math.floor(at / 784) % 10 ? 255 : 0)
    writeIdx(join(folder, `${name}-images-idx3-ubyte`), [size, 28, 28], pixel)
    writeIdx(join(folder, `${name}-labels-idx1-ubyte`), [size], (i) => i % 10)
  }
}
