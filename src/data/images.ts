import { DataError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'
import { checkLabels } from './arrays.ts'
import { byteColumn, column } from './column.ts'
import type { Dataset } from './dataset.ts'

export interface ImagesOptions {
  readonly name: string
  /** All images one after another, one byte per value; kept, not copied. */
  readonly pixels: Uint8Array
  /** One class index per image. */
  readonly labels: Uint8Array
  /** Shape of one image as the net receives it, for example `[784]` or `[1, 28, 28]`. */
  readonly shape: Shape
  readonly classes: number
}

/**
 * A data set of labelled images, kept as bytes and scaled to [0, 1] when a batch is gathered: byte / 255.
 *
 * Shapes: inputs `[size, ...shape]` float32, targets `[size]` int32.
 * Throws DataError where images and labels differ in number, are none, or a label is out of range.
 */
export function images({ name, pixels, labels, shape, classes }: ImagesOptions): Dataset {
  const size = pixels.length / sizeOf(shape)
  if (size !== labels.length) {
    throw new DataError(`${name}: expected as many labels as images, got ${labels.length} labels and ${size} images`)
  }
  if (size === 0) throw new DataError(`${name}: expected at least one image, got none`)
  checkLabels(labels, classes, name)
  return {
    name,
    size,
    inputs: byteColumn(pixels, shape, 1 / 255),
    targets: column(Int32Array.from(labels), []),
    classes,
  }
}
