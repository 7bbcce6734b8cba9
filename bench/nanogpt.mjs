#!/usr/bin/env node
// nanoGPT's CPU setting on Moby Dick's characters: Residua and PyTorch in turn, seconds and validation loss.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compile, data, models, nn, optim } from '../dist/index.js'
import { peers } from './peers/index.mjs'
import { machine } from './report.mjs'

const help = `node bench/nanogpt.mjs [--seeds 3] [--steps 2000] [--threads N]

  4 layers, 4 heads, width 128, context 64, batch 12, no dropout, no biases in linear maps, tied, GPT-2's initial values;
  AdamW, 1e-3 to 1e-4 by a cosine behind 100 steps of warm-up, betas 0.9 and 0.99, decay 0.1, gradients clipped at norm 1.

  Both read one prepared corpus, split by chapters, draw windows at any place of its training part, and are measured on
  the windows of its validation part that do not overlap. Seconds: from making the net to the last update.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '2000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    train: { type: 'string' },
    help: { type: 'boolean' },
  },
})

const setting = {
  ...{ layers: 4, heads: 4, width: 128, context: 64, batch: 12, steps: Number(values.steps) },
  ...{ peak: 1e-3, final: 1e-4, warmupSteps: Math.min(100, Math.floor(Number(values.steps) / 20)) },
  ...{ beta1: 0.9, beta2: 0.99, weightDecay: 0.1, clip: 1, threads: Number(values.threads) },
}

/** One training; its figures as JSON on the standard output. */
async function train(/** @type {typeof setting & { seed: number, corpus: string }} */ given) {
  const { layers, heads, width, context, peak, final, warmupSteps, steps, beta1, beta2, weightDecay, threads } = given
  const text = data.corpus(given.corpus, { context, stride: 1 })
  const { validation } = data.corpus(given.corpus, { context })
  const start = performance.now()
  const wiring = { norm: 'layer', placement: 'pre', init: 'gpt2' }
  const { vocabulary } = text
  const net = models.gpt({ layers, heads, width, context, vocabulary, tied: true, bias: false, wiring })
  const learningRate = optim.cosine({ peak, final, warmupSteps, steps })
  const adam = optim.adamW({ learningRate, beta1, beta2, weightDecay })
  const optimizer = optim.clipNorm(given.clip, adam)
  const model = await compile(net, { train: text.train, loss: nn.crossEntropy, optimizer, seed: given.seed, threads })
  await model.fit({ steps, batchSize: given.batch, progress: false })
  const seconds = (performance.now() - start) / 1000
  const { loss } = await model.evaluate(validation)
  console.log(JSON.stringify({ seconds, loss, parameters: model.parameterCount, windows: validation.size }))
  await model.close()
}

const { env: torchEnvironment } = peers['torch-best']
const contestants = {
  residua: [process.execPath, fileURLToPath(import.meta.url), '--train'],
  'torch-best': ['/usr/bin/python3', fileURLToPath(new URL('nanogpt.py', import.meta.url))],
}

function run(/** @type {keyof typeof contestants} */ name, /** @type {object} */ given) {
  const [command, ...rest] = contestants[name]
  const env = name === 'residua' ? process.env : { ...process.env, ...torchEnvironment }
  return JSON.parse(execFileSync(command, [...rest, JSON.stringify(given)], { env, encoding: 'utf8' }))
}

async function main() {
  const parent = mkdtempSync(join(tmpdir(), 'residua-nanogpt-'))
  try {
    const corpus = join(parent, 'corpus')
    const { tokenizer } = await data.prepareCorpus({ source: data.mobyDick(), tokenizer: 'char', folder: corpus })
    const before = machine()
    const rows = Array.from({ length: Number(values.seeds) }, (_, seed) => {
      const given = { ...setting, vocabulary: tokenizer.vocabulary, corpus, seed }
      const [ours, theirs] = Object.keys(contestants).map((name) => run(name, given))
      if (ours.parameters !== theirs.parameters || ours.windows !== theirs.windows)
        throw new Error(`nanogpt: expected equal nets and windows, got ${JSON.stringify({ ours, theirs })}`)
      return { seed, ours, theirs }
    })
    const ratio = (/** @type {'seconds' | 'loss'} */ what) => (row) => row.ours[what] / row.theirs[what]
    console.table(
      rows.map(({ seed, ours, theirs }) => ({
        ...{ seed, 'residua s': ours.seconds.toFixed(1), 'torch-best s': theirs.seconds.toFixed(1) },
        ...{ 'residua nats': ours.loss.toFixed(4), 'torch-best nats': theirs.loss.toFixed(4) },
      })),
    )
    const mean = (figure) => rows.reduce((sum, row) => sum + figure(row), 0) / rows.length
    const [{ ours }] = rows
    console.log(`${setting.steps} steps, ${ours.parameters} parameters, ${ours.windows} validation windows`)
    for (const what of ['seconds', 'loss']) {
      const [own, other] = ['ours', 'theirs'].map((who) => mean((row) => row[who][what]).toFixed(4))
      console.log(`${what}, mean: residua ${own}, torch-best ${other}; mean ratio ${mean(ratio(what)).toFixed(4)}`)
    }
    console.log(before)
  } finally {
    rmSync(parent, { recursive: true })
  }
}

if (values.help) console.log(help)
else if (values.train === undefined) await main()
else await train(JSON.parse(values.train))
