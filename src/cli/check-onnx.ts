import { readFileSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import { random } from '../random.ts'
import type { Engine, EngineOptions } from '../runtime/engine.ts'
import { openEngine } from '../runtime/node/remote.ts'
import { type HostTensor, sizeOf, tensor, type TensorType } from '../tensor.ts'
import type { Model } from '../train/model.ts'

/** Largest allowed |file - predict|, as a share of the largest |predict| and at least this much. */
const tolerance = 1e-4

/** What one example of a model is; of tokens, how many there are. */
export interface ModelInput extends TensorType {
  readonly vocabulary: number | null
}

/** What was tried of an exported file, and how far its outputs were from the model's. */
export interface Checked {
  readonly batchSizes: readonly number[]
  /** Of a decoder. */
  readonly promptTokens?: number
  readonly largestDifference: number
}

/** Examples drawn at random: normal numbers, or tokens. */
export function randomInputs({ dtype, shape: each, vocabulary }: ModelInput, count: number): HostTensor {
  const source = random(0, 'export.check', count)
  const shape = [count, ...each]
  const length = sizeOf(shape)
  if (dtype === 'int32') {
    const tokens = vocabulary ?? 1
    return tensor(
      Int32Array.from({ length }, () => source.below(tokens)),
      shape,
    )
  }
  return tensor(
    Float32Array.from({ length }, () => source.normal()),
    shape,
  )
}

/**
 * The largest difference between what an exported file gives, `found`, and what the model gives. Throws EngineError where
 * the two disagree, or the model's is not finite.
 */
export function difference(what: string, expected: ArrayLike<number>, found: ArrayLike<number> | undefined): number {
  let [furthest, largest] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i]!
    if (!Number.isFinite(value))
      throw new EngineError('export: the model itself gives outputs that are not finite; did its training diverge?')
    const away = Math.abs(value - (found?.[i] ?? NaN))
    furthest = away > furthest || Number.isNaN(away) ? away : furthest
    largest = Math.max(largest, Math.abs(value))
  }
  const allowed = tolerance * Math.max(1, largest)
  if (found?.length === expected.length && furthest <= allowed) return furthest
  throw new EngineError(
    `export: ${what} the ONNX file differs from the model by ${furthest}, expected at most ${allowed}. Please report this`,
  )
}

/** Opens an ONNX file in a session of its own and compares it with the model. Throws EngineError as `difference`. */
export async function checkOnnx(
  path: string,
  model: Model,
  input: ModelInput,
  options: EngineOptions,
): Promise<Checked> {
  const batchSizes = input.dtype === 'int32' ? [1, 2] : [1, 7] // the batch axis is open; logits of tokens are large
  const engine = openEngine(options)
  try {
    const bytes = readFileSync(path)
    let largestDifference = 0
    for (const count of batchSizes) {
      largestDifference = Math.max(largestDifference, await compare(engine, bytes, model, randomInputs(input, count)))
    }
    return { batchSizes, largestDifference }
  } finally {
    await engine.close()
  }
}

async function compare(engine: Engine, bytes: Uint8Array, model: Model, inputs: HostTensor): Promise<number> {
  const { data, ...type } = await model.predict(inputs)
  const program = await engine.open({ model: bytes, reads: [], updates: {}, results: { output: type } })
  const { output } = await engine.run(program, { inputs })
  return difference(`at batch size ${inputs.shape[0]}`, data, output?.data)
}
