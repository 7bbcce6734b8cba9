import { OptionError } from '../errors.ts'
import { sizeOf } from '../tensor.ts'
import type { Dataset } from './dataset.ts'

/**
 * The same examples with other inputs: `change` edits one input, a row of float32 numbers, in place whenever it is read, and
 * must do the same each time. `row` counts from 0.
 *
 * Throws OptionError for inputs that are not float32.
 */
export function mapInputs(dataset: Dataset, name: string, change: (input: Float32Array, row: number) => void): Dataset {
  const { inputs } = dataset
  if (inputs.dtype !== 'float32')
    throw new OptionError(`mapInputs: expected float32 inputs, ${dataset.name} has ${inputs.dtype}`)
  const width = sizeOf(inputs.shape)
  return {
    ...dataset,
    name,
    inputs: {
      ...inputs,
      gather(rows, into) {
        inputs.gather(rows, into)
        for (let i = 0; i < rows.length; i++)
          change((into as Float32Array).subarray(i * width, (i + 1) * width), rows[i]!)
      },
    },
  }
}
