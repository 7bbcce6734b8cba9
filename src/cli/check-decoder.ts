import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OnnxFile, openOnnx } from '../runtime/node/onnx-file.ts'
import type { Tensors } from '../runtime/engine.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import type { Model } from '../train/model.ts'
import { type Checked, difference, type ModelInput, randomInputs } from './check-onnx.ts'

/** Tokens of the prompt that is tried, where the net takes so many. */
const promptLength = 8

const empty = ([, heads, , size]: readonly (number | string)[]): HostTensor =>
  tensor(new Float32Array(0), [1, Number(heads), 0, Number(size)])

/** Caches before the first token. */
const emptyCaches = ({ inputs }: OnnxFile): Tensors =>
  Object.fromEntries([...inputs].flatMap(([name, axes]) => (name.startsWith('past') ? [[name, empty(axes)]] : [])))

/** What a pass leaves for the next. */
const cachesOf = (outputs: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, value]) =>
      name.startsWith('present') ? [[name.replace('present', 'past_key_values'), value]] : [],
    ),
  )

/** Feeds tokens `from` to `to` of a prompt, behind those that the caches hold. */
function pass(file: OnnxFile, caches: Tensors, prompt: Int32Array, from: number, to: number): Promise<Tensors> {
  const places = Int32Array.from({ length: to - from }, (_, i) => from + i)
  return file.run({
    ...caches,
    input_ids: tensor(prompt.slice(from, to), [1, to - from]),
    attention_mask: tensor(new Int32Array(to).fill(1), [1, to]),
    position_ids: tensor(places, [1, to - from]),
  })
}

/**
 * Opens the decoder of an exported folder in a session of its own, feeds it a short prompt, its last token apart from the
 * others, and compares the logits of every token with the model's. Throws EngineError as `difference`.
 */
export async function checkDecoder(folder: string, model: Model, input: ModelInput): Promise<Checked> {
  const inputs = randomInputs(input, 1)
  const expected = await model.predict(inputs)
  const vocabulary = expected.shape.at(-1)!
  const length = Math.min(promptLength, inputs.shape[1]!)
  const prompt = inputs.data.slice(0, length) as Int32Array
  const file = await openOnnx(readFileSync(join(folder, 'onnx', 'model.onnx')))
  try {
    const first = length > 1 ? await pass(file, emptyCaches(file), prompt, 0, length - 1) : null
    const last = await pass(file, first === null ? emptyCaches(file) : cachesOf(first), prompt, length - 1, length)
    const found = [...(first?.logits!.data ?? []), ...last.logits!.data]
    const wanted = expected.data.subarray(0, length * vocabulary)
    const largestDifference = difference(`for a prompt of ${length} tokens`, wanted, found)
    return { batchSizes: [1], promptTokens: length, largestDifference }
  } finally {
    await file.close()
  }
}
