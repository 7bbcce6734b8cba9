import { DataError, OptionError } from '../errors.ts'
import { sizeOf, type Shape } from '../tensor.ts'
import { column } from './column.ts'
import type { Dataset } from './dataset.ts'

type Rows = readonly (readonly number[] | Float32Array)[]
type Typed = Float32Array | Int32Array

export interface ArraysOptions {
  /** All examples one after another in a typed array (kept, not copied), or one row of numbers per example. */
  readonly inputs: Typed | Rows
  /** Class indices (an Int32Array, or any flat list together with `classes`), else the numbers to predict. */
  readonly targets: Typed | readonly number[] | Rows
  /** Shape of one input; default: one axis of as many values as an example has. */
  readonly shape?: Shape
  /** Number of classes; targets must then be integers from 0 to `classes - 1`. */
  readonly classes?: number
  /** A target that stands for 'no class': for a loss made by `nn.crossEntropyWith({ ignoreIndex })`. */
  readonly ignoreIndex?: number
  /** How errors and run folders call the data; default `arrays`. */
  readonly name?: string
}

/**
 * A data set from arrays in memory.
 *
 * Shapes: inputs `[size, ...shape]`, float32 (int32 from an Int32Array); targets `[size]` or `[size, width]`, int32 for
 * class indices and float32 otherwise.
 * Throws DataError for empty or ragged data, values that are not finite, labels out of range and counts that differ.
 */
export function arrays(options: ArraysOptions): Dataset {
  const { classes, shape, name = 'arrays', ignoreIndex } = options
  if (shape?.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new OptionError(`${name}: shape: expected whole numbers >= 1, got [${shape.join(', ')}]`)
  }
  if (options.inputs.length === 0 || options.targets.length === 0) {
    throw new DataError(`${name}: expected at least one example, got none`)
  }
  if (classes !== undefined && isRows(options.targets)) {
    throw new DataError(`${name}: expected one class index per example, got rows; pass class indices, not one-hot rows`)
  }
  const size = countExamples(options, name)
  const inputs = typed(options.inputs, `${name}: inputs`)
  const targets = typed(options.targets, `${name}: targets`)
  const inputWidth = inputs.length / size
  const targetWidth = targets.length / size
  const inputShape = shape ?? [inputWidth]
  if (!Number.isInteger(inputWidth) || !Number.isInteger(targetWidth)) {
    throw new DataError(
      `${name}: expected equally many values per example, got ${inputs.length} input and ${targets.length} target values for ${size} examples; give \`shape\`, the shape of one input`,
    )
  }
  if (sizeOf(inputShape) !== inputWidth) {
    throw new DataError(`${name}: expected inputs of [${inputShape.join(', ')}], got ${inputWidth} values per example`)
  }
  checkFinite(inputs, inputWidth, `${name}: inputs`)

  const targetShape = isRows(options.targets) || targetWidth > 1 ? [targetWidth] : []
  if (classes === undefined) {
    if (targets instanceof Int32Array) checkLabels(targets, Infinity, name, ignoreIndex)
    else checkFinite(targets, targetWidth, `${name}: targets`)
    return { name, size, inputs: column(inputs, inputShape), targets: column(targets, targetShape) }
  }
  checkLabels(targets, classes, name, ignoreIndex)
  const labels = column(Int32Array.from(targets), targetShape)
  return { name, size, inputs: column(inputs, inputShape), targets: labels, classes }
}

/** Throws DataError at the first label that is not an integer from 0 to `classes - 1`. */
export function checkLabels(labels: ArrayLike<number>, classes: number, name: string, ignoreIndex?: number): void {
  if (classes !== Infinity && !(Number.isSafeInteger(classes) && classes >= 1)) {
    throw new OptionError(`${name}: classes: expected a whole number >= 1, got ${classes}`)
  }
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (label === ignoreIndex || (Number.isInteger(label) && label >= 0 && label < classes)) continue
    const range = classes === Infinity ? '>= 0' : `from 0 to ${classes - 1}`
    throw new DataError(`${name}: targets: expected class indices ${range}, got ${label} in row ${row}`)
  }
}

function isRows(values: Typed | readonly number[] | Rows): values is Rows {
  return typeof values[0] === 'object'
}

function countExamples({ inputs, targets, shape }: ArraysOptions, name: string): number {
  const inputRows = isRows(inputs) ? inputs.length : shape && inputs.length / sizeOf(shape)
  const targetRows = ArrayBuffer.isView(targets) ? undefined : targets.length
  const size = inputRows ?? targetRows ?? targets.length
  if ((targetRows ?? size) === size && Number.isInteger(size)) return size
  throw new DataError(`${name}: expected as many targets as inputs, got ${size} inputs and ${targets.length} targets`)
}

function typed(values: Typed | readonly number[] | Rows, where: string): Typed {
  if (ArrayBuffer.isView(values)) return values
  const rows = isRows(values) ? values : values.map((value) => [value])
  const width = rows[0]?.length ?? 0
  if (width === 0) throw new DataError(`${where}: expected at least one value per row, got none`)
  const data = new Float32Array(rows.length * width)
  for (const [row, cells] of rows.entries()) {
    if (cells.length !== width) {
      throw new DataError(`${where}: expected ${width} values in every row, got ${cells.length} in row ${row}`)
    }
    for (const [at, cell] of cells.entries()) {
      if (!Number.isFinite(cell)) throw notFinite(cell, row, at, where)
      data[row * width + at] = cell
    }
  }
  return data
}

function checkFinite(data: Typed, width: number, where: string): void {
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!
    if (!Number.isFinite(value)) throw notFinite(value, Math.floor(at / width), at % width, where)
  }
}

function notFinite(value: number, row: number, at: number, where: string): DataError {
  return new DataError(
    `${where}: expected finite float32 numbers, got ${value} in row ${row}, column ${at}; remove or replace it`,
  )
}
