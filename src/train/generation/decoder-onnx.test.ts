import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { graph } from '../../graph/graph.ts'
import { trace } from '../../graph/scope.ts'
import { gpt, type GptOptions } from '../../models/gpt.ts'
import { embedding } from '../../nn/embedding.ts'
import { initialize } from '../../nn/initialize.ts'
import { linear } from '../../nn/linear.ts'
import { sequential } from '../../nn/sequential.ts'
import { random } from '../../random.ts'
import { evaluate } from '../../runtime/reference.ts'
import { tensor } from '../../tensor.ts'
import { decoderOnnx } from './decoder-onnx.ts'

const vocabulary = 11
const time = 9
const batch = 2
const ids = Int32Array.from({ length: batch * time }, (_, i) => random(1, 'ids', i).below(vocabulary))
const int64 = (data: readonly number[], dims: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(data, BigInt), dims)

const nets: Record<string, GptOptions> = {
  'GPT-2': {
    layers: 2,
    heads: 2,
    width: 8,
    vocabulary,
    context: 16,
    tied: true,
    wiring: { norm: 'layer', placement: 'pre' },
  },
  Llama: {
    ...{ layers: 2, heads: 4, keyValueHeads: 2, width: 16, vocabulary, positions: 'rotary', bias: false },
    ...{ feedForward: 'gated', wiring: { norm: 'rms', placement: 'pre' } },
  },
}

/** Runs `from` to `to` of every sequence on what the caches hold. */
async function pass(
  session: InferenceSession,
  past: Record<string, Tensor>,
  from: number,
  to: number,
): Promise<Record<string, Tensor>> {
  const rows = [...Array(batch).keys()]
  const columns = Array.from({ length: to - from }, (_, i) => from + i)
  return session.run({
    ...past,
    input_ids: int64(
      rows.flatMap((b) => columns.map((t) => ids[b * time + t]!)),
      [batch, to - from],
    ),
    attention_mask: int64(new Array<number>(batch * to).fill(1), [batch, to]),
    position_ids: int64(
      rows.flatMap(() => columns),
      [batch, to - from],
    ),
  })
}

test.each(Object.entries(nets))(
  '%s with a cache gives the logits of a forward pass, cut anywhere',
  async (_, options) => {
    const net = gpt(options)
    const { output, parameters } = trace(net, 'int32', [batch, time], 'evaluate')
    const all = trace(net, 'int32', [batch, options.context ?? time]).parameters
    const weights = initialize(all.values(), 5)
    const feeds = { ...initialize(parameters.values(), 5), ...weights, inputs: tensor(ids, [batch, time]) }
    const expected = evaluate(graph({ output }), feeds).output!.data
    const { model, caches } = decoderOnnx(net, { context: 16, weights })
    expect(caches.map(({ path }) => path)).toEqual(
      [0, 1].flatMap((l) => ['key', 'value'].map((map) => `blocks.${l}.attention.${map}`)),
    )
    const session = await InferenceSession.create(model)
    const { heads, size } = caches[0]!
    for (const cut of [0, 1, 4, time - 1]) {
      const names = [0, 1].flatMap((l) => [`${l}.key`, `${l}.value`])
      let past: Record<string, Tensor> = Object.fromEntries(
        names.map((name) => [
          `past_key_values.${name}`,
          new Tensor('float32', new Float32Array(), [batch, heads, 0, size]),
        ]),
      )
      if (cut > 0) {
        const first = await pass(session, past, 0, cut)
        past = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, first[`present.${name}`]!]))
      }
      const { logits } = await pass(session, past, cut, time)
      expect(logits!.dims).toEqual([batch, time - cut, vocabulary])
      const got = logits!.data as Float32Array
      for (let b = 0; b < batch; b++)
        for (let i = 0; i < (time - cut) * vocabulary; i++)
          expect(got[b * (time - cut) * vocabulary + i]).toBeCloseTo(expected[(b * time + cut) * vocabulary + i]!, 4)
    }
    await session.release()
  },
)

test('a net without attention is refused', () => {
  const net = sequential(embedding({ vocabulary, width: 8 }), linear(vocabulary))
  expect(() => decoderOnnx(net, { context: 4, weights: {} })).toThrow(/export: expected a causal net with attention/)
})
