import { createRequire } from 'node:module'
import { argMax } from '../../dist/train/generation/sampling.js'
import { gpt2, gpt2Shape, TokenClock } from '../decode-model.mjs'
import { requestedCase, serve } from '../serve.mjs'

const { peer, threads, setting, prompt, expected, window } = requestedCase()
const { version } = createRequire(import.meta.url)('../../package.json')
const model = await gpt2({ window, threads })

/** `generateTokens` from the prompt on. */
async function cached(/** @type {number} */ count) {
  const clock = new TokenClock(expected)
  const request = { prompts: [Int32Array.from(prompt)] }
  for await (const event of model.generateTokens(request, { tokens: count, temperature: 0 }))
    if (event.type === 'token') clock.see(event.token)
  return clock.result(count)
}

/** `predict` on all tokens so far, filled up to the window: causal, so what fills up changes nothing. */
async function recomputed(/** @type {number} */ count) {
  const clock = new TokenClock(expected)
  const { vocabulary } = gpt2Shape
  const ids = [...prompt]
  for (let i = 0; i < count; i++) {
    const data = new Int32Array(window)
    data.set(ids)
    const logits = await model.predict({ dtype: 'int32', shape: [1, window], data })
    ids.push(argMax(logits.data.subarray((ids.length - 1) * vocabulary, ids.length * vocabulary)))
    clock.see(ids.at(-1))
  }
  return clock.result(count)
}

const modes = {
  cached: { run: cached, note: `generateTokens, ${threads} threads` },
  recomputed: { run: recomputed, note: `predict on windows of ${window} tokens, ${threads} threads` },
}
await serve({ peer, version, ...modes[setting] })
