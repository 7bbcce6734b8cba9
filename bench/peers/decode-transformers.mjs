import { basename, dirname } from 'node:path'
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers'
import { TokenClock } from '../decode-model.mjs'
import { requestedCase, serve } from '../serve.mjs'

const { peer, threads, prompt, expected, folder } = requestedCase()
env.allowRemoteModels = false
env.localModelPath = dirname(folder)
const options = { dtype: 'fp32', local_files_only: true, session_options: { intraOpNumThreads: threads } }
const model = await AutoModelForCausalLM.from_pretrained(basename(folder), options)

/** Its `generate` gives every token to a streamer, and the whole prompt first. */
async function run(/** @type {number} */ count) {
  const clock = new TokenClock(expected)
  let prompted = false
  const streamer = {
    put: (/** @type {bigint[][]} */ [[token]]) => (prompted ? clock.see(Number(token)) : (prompted = true)),
    end: () => undefined,
  }
  const ids = (/** @type {number[]} */ values) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
  const attention_mask = ids(prompt.map(() => 1))
  await model.generate({ inputs: ids(prompt), attention_mask, max_new_tokens: count, do_sample: false, streamer })
  return clock.result(count)
}

await serve({ peer, version: env.version, note: `generate on the exported ONNX, ${threads} threads`, run })
