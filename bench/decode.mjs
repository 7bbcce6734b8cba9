#!/usr/bin/env node
// Greedy decoding of a model of GPT-2's size: with a cache, by Transformers.js on the exported folder, and without a cache.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { random } from '../dist/random.js'
import { gpt2, gpt2Shape } from './decode-model.mjs'
import { alternate } from './harness.mjs'
import { machine, markdown, summarise } from './report.mjs'
import { median } from './statistics.mjs'

const help = `node bench/decode.mjs [options]

  12 layers, 12 heads, width 768, vocabulary 50,257, context 1,024, tied, float32, random weights. Peers in processes of
  their own, in alternating rounds; a round is one generation. All must give the same tokens.

  residua            generateTokens
  transformers.js    generate of @huggingface/transformers on what exportFolder wrote, as many threads
  no-cache           predict on windows that hold prompt and new tokens, for every token
  no-cache-context   the same on windows of the whole context, few tokens: --tokens 4

  --peers A,B,... (default: the first three)   --rounds 10   --prompt 16   --tokens 64   --threads N (default: all cores)
  --json FILE`

const peerFile = (/** @type {string} */ name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url))
const own = { command: process.execPath, file: peerFile('decode-residua.mjs') }
const peers = {
  residua: { ...own, setting: 'cached' },
  'transformers.js': { command: process.execPath, file: peerFile('decode-transformers.mjs') },
  'no-cache': { ...own, setting: 'recomputed' },
  'no-cache-context': { ...own, setting: 'recomputed', window: gpt2Shape.context },
}

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: 'residua,transformers.js,no-cache' },
    rounds: { type: 'string', default: '10' },
    prompt: { type: 'string', default: '16' },
    tokens: { type: 'string', default: '64' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const names = values.peers.split(',')
const [rounds, length, tokens, threads] = [values.rounds, values.prompt, values.tokens, values.threads].map(Number)

/** Writes the folder and gives the prompt and the tokens that follow it. */
async function prepare(/** @type {string} */ folder) {
  const source = random(1, 'bench')
  const prompt = Array.from({ length }, () => source.below(gpt2Shape.vocabulary))
  const model = await gpt2({ window: length + tokens, threads })
  await model.exportFolder(folder, 'transformers.js')
  const expected = []
  const request = { prompts: [Int32Array.from(prompt)] }
  for await (const event of model.generateTokens(request, { tokens, temperature: 0 }))
    if (event.type === 'token') expected.push(event.token)
  await model.close()
  return { prompt, expected, different: new Set(expected).size }
}

/** What one round comes to. */
const figures = {
  'ms per token, whole generation': (/** @type {number[]} */ ms) => ms.reduce((sum, one) => sum + one, 0) / ms.length,
  'ms until the first token': (/** @type {number[]} */ ms) => ms[0],
  'ms per further token, median': (/** @type {number[]} */ ms) => median(ms.length > 1 ? ms.slice(1) : ms),
}

async function main() {
  const before = machine()
  const parent = mkdtempSync(join(tmpdir(), 'residua-decode-'))
  try {
    const folder = join(parent, 'gpt2')
    const { prompt, expected, different } = await prepare(folder)
    console.error(`${tokens} new tokens, ${different} different ones`)
    const { results, failed } = await alternate({
      peers: Object.fromEntries(names.map((name) => [name, peers[name]])),
      requested: { threads, folder, prompt, expected, window: length + tokens },
      rounds,
      steps: tokens,
      report: console.error,
    })
    for (const { peer, reason } of failed) console.error(`\n${peer} was not measured. ${reason}`)
    const baseline = results[0]?.peer
    const tables = Object.entries(figures).map(([title, figure]) => {
      const rows = summarise(
        results.map((result) => ({ ...result, ms: result.rounds.map(figure) })),
        baseline,
      )
      console.log(
        `\n${title}; ${rounds} generations of ${tokens} tokens after ${length}\n\n${markdown(rows, baseline)}`,
      )
      return [title, rows]
    })
    console.log(before)
    const record = { rounds, length, tokens, threads, machine: before, tables: Object.fromEntries(tables), failed }
    if (values.json) writeFileSync(values.json, `${JSON.stringify(record, null, 2)}\n`)
    return failed.length > 0 ? 1 : 0
  } finally {
    rmSync(parent, { recursive: true })
  }
}

if (values.help) console.log(help)
else process.exitCode = await main()
