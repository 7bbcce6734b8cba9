import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requestedCase, serve, versionOf } from '../serve.mjs'

// The hand-tuned graph of ../shared/reference. Its CommonJS files resolve their packages from where they lie,
// hence a scratch folder with a link to bench/node_modules.

const reference = fileURLToPath(new URL('../../../shared/reference/', import.meta.url))
const files = ['lib.cjs', 'gpt-step.cjs', 'bench.cjs']
const missing = files.find((file) => !existsSync(join(reference, file)))
if (missing)
  throw new Error(`gpt-yardstick: expected ${join(reference, missing)}, not found. Put shared/ beside the repository.`)

const scratch = mkdtempSync(join(tmpdir(), 'residua-yardstick-'))
for (const file of files) copyFileSync(join(reference, file), join(scratch, file))
symlinkSync(fileURLToPath(new URL('../node_modules', import.meta.url)), join(scratch, 'node_modules'))

const { peer, shape, threads, setting } = requestedCase()
const adam = setting === 'adam'
process.env.TH = String(threads)
const { prep } = createRequire(join(scratch, 'bench.cjs'))('./bench.cjs')
const { layers: L, heads: H, width: C, context: T, batch: B, vocabulary: V } = shape
const options = { qkv: 'sep', bwd: 'rowdot', ws: 'oi', ce: 'gather', opset: 21, adam, L, H, C, T, B, V }
const {
  m: model,
  run,
  f: feeds,
  fe: fetches,
  ct: compileMs,
} = await prep(peer, options, {
  extra: { session: { force_spinning_stop: '1' } },
})
rmSync(scratch, { recursive: true })

let steps = 0
/** Swaps the buffers that were read for those that were written: the step is an update, without a copy. */
function advance() {
  for (const name of model.names) {
    for (const [i, input] of [name, `${name}.m`, `${name}.v`].entries()) {
      const output = model.gname[name][i]
      ;[feeds[input], fetches[output]] = [fetches[output], feeds[input]]
    }
  }
}

async function step() {
  steps++
  if (adam) {
    feeds.ibc1.data[0] = 1 / (1 - shape.beta1 ** steps)
    feeds.ibc2.data[0] = 1 / (1 - shape.beta2 ** steps)
  }
  await run()
  if (adam) advance()
  return fetches[model.loss].data[0]
}

const what = adam ? 'forward, backward and Adam' : 'forward and backward only'
const note = `${what} in one hand-tuned graph, zero-copy outputs, ${threads} threads, session opened in ${compileMs.toFixed(0)} ms`
await serve({ peer, version: `onnxruntime-node ${versionOf('onnxruntime-node')}`, note, step })
