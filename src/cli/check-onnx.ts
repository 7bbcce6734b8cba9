import { readFileSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import { random } from '../random.ts'
import type { Engine, EngineOptions } from '../runtime/engine.ts'
import { openEngine } from '../runtime/node/remote.ts'
import { tensor } from '../tensor.ts'
import type { Model } from '../train/model.ts'

/** Largest allowed |file - predict|, as a share of the largest |predict| and at least this much. */
const tolerance = 1e-4

/** Batch sizes that an exported file is tried at: its batch axis is open. */
export const checkedBatches: readonly number[] = [1, 7]

/**
 * Opens an ONNX file in a session of its own and compares it with the model on normal inputs `[n, features]`.
 *
 * Returns the largest difference between their outputs. Throws EngineError where they disagree, or the model's are not finite.
 */
export async function checkOnnx(path: string, model: Model, features: number, options: EngineOptions): Promise<number> {
  const engine = openEngine(options)
  try {
    const bytes = readFileSync(path)
    let largest = 0
    for (const count of checkedBatches) {
      largest = Math.max(largest, await compare(engine, bytes, model, [count, features]))
    }
    return largest
  } finally {
    await engine.close()
  }
}

async function compare(engine: Engine, bytes: Uint8Array, model: Model, shape: [number, number]): Promise<number> {
  const [count, features] = shape
  const source = random(0, 'export.check', count)
  const inputs = tensor(
    Float32Array.from({ length: count * features }, () => source.normal()),
    shape,
  )
  const { data, ...type } = await model.predict(inputs)
  if (!data.every((value) => Number.isFinite(value))) {
    throw new EngineError('export: the model itself gives outputs that are not finite; did its training diverge?')
  }
  const program = await engine.open({ model: bytes, reads: [], updates: {}, results: { output: type } })
  const { output } = await engine.run(program, { inputs })
  const difference = Math.max(...data.map((value, i) => Math.abs(value - (output?.data[i] ?? NaN))))
  const allowed = tolerance * Math.max(1, ...data.map((value) => Math.abs(value)))
  if (output?.data.length === data.length && difference <= allowed) return difference
  throw new EngineError(
    `export: at batch size ${count} the ONNX file differs from predict by ${difference}, expected at most ${allowed}. Please report this`,
  )
}
