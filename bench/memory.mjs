#!/usr/bin/env node
// What a training step keeps in memory, by depth and skip, and with blocks computed again: a process per arm.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { models, nn, optim } from '../dist/index.js'
import { LocalEngine } from '../dist/runtime/node/local.js'
import { scalarFeeds } from '../dist/train/measure.js'
import { scalarInput } from '../dist/train/program-builder.js'
import { Session } from '../dist/train/session.js'
import { build } from '../dist/train/step.js'
import { machine } from './report.mjs'

const help = `node bench/memory.mjs

  Forward, backward and update in one thread, a process per arm, three steps. MiB: "kept" is resident memory after the
  last step above that before the first, "above" its highest point above that, "process" the highest point of all that
  the process holds. Processor time is that of the third step.

  A residual MLP, pre-norm, x + W2 relu(W1 LN(x)), SGD, one activation 8 MiB:
  --skips identity,reversible,momentum   --seats 12,24,48   --rows 8192   --width 256

  A GPT, width 256, 4 heads, 256 tokens, batch 8, AdamW, all kept and with recompute: 'blocks':
  --layers 12,24   --clip 1 (0: without)`

const { values } = parseArgs({
  options: {
    skips: { type: 'string', default: 'identity,reversible,momentum' },
    seats: { type: 'string', default: '12,24,48' },
    rows: { type: 'string', default: '8192' },
    width: { type: 'string', default: '256' },
    layers: { type: 'string', default: '12,24' },
    clip: { type: 'string', default: '1' },
    recompute: { type: 'string' },
    arm: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const rows = Number(values.rows)
const width = Number(values.width)
const mebibytes = (/** @type {number} */ bytes) => Math.round(bytes / 2 ** 20)

function mlp() {
  const type = { dtype: /** @type {const} */ ('float32'), shape: [width] }
  const branch = nn.feedForward({ hidden: width, activation: 'relu' })
  const wave = (/** @type {number} */ pitch) => ({
    dtype: /** @type {const} */ ('float32'),
    shape: [rows, width],
    data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i * pitch)),
  })
  return {
    name: { skip: values.skips, seats: Number(values.seats) },
    batch: rows,
    feeds: { inputs: wave(0.7), targets: wave(0.3) },
    recipe: {
      ...{ inputs: type, targets: type, loss: nn.meanSquaredError, metrics: {} },
      net: nn.wire(Array(Number(values.seats)).fill(branch), { skip: values.skips, norm: 'layer' }),
      optimizer: optim.sgd({ learningRate: 1e-3 }),
    },
  }
}

function gpt() {
  const [batch, context, vocabulary, depth] = [8, 256, 256, Number(values.layers)]
  const type = { dtype: /** @type {const} */ ('int32'), shape: [context] }
  const tokens = (/** @type {number} */ pitch) => ({
    dtype: /** @type {const} */ ('int32'),
    shape: [batch, context],
    data: Int32Array.from({ length: batch * context }, (_, i) => (i * pitch + ((i * i) % 7)) % vocabulary),
  })
  const adam = optim.adamW({ learningRate: 1e-3 })
  return {
    name: { recompute: values.recompute ?? 'no', layers: depth },
    batch,
    feeds: { inputs: tokens(5), targets: tokens(7) },
    recipe: {
      ...{ inputs: type, targets: type, loss: nn.crossEntropy, metrics: {} },
      ...(values.recompute === 'blocks' ? { recompute: /** @type {const} */ ('blocks') } : {}),
      net: models.transformer({ kind: 'decoder', depth, width: 256, heads: 4, vocabulary, context }),
      optimizer: Number(values.clip) > 0 ? optim.clipNorm(Number(values.clip), adam) : adam,
    },
  }
}

/** One step after another of one net; its figures as JSON on the standard output. */
async function arm(/** @type {ReturnType<typeof mlp> | ReturnType<typeof gpt>} */ { name, recipe, batch, feeds }) {
  const engine = await LocalEngine.create(1, true)
  const session = new Session(recipe, engine, 1)
  await session.initialize()
  const { spec, graph } = build(recipe, 'train', batch)
  const program = await engine.open(spec)
  const scalars = Object.entries(recipe.optimizer.scalars(1)).map(([key, value]) => [scalarInput(key), value])
  const fed = { ...feeds, ...scalarFeeds(Object.fromEntries(scalars)) }
  const before = process.memoryUsage().rss
  let usage = process.cpuUsage()
  let loss
  for (let step = 0; step < 3; step++) {
    usage = process.cpuUsage()
    loss = (await engine.run(program, fed)).loss.data[0]
  }
  const { user, system } = process.cpuUsage(usage)
  const after = process.memoryUsage().rss
  const peak = process.resourceUsage().maxRSS * 1024
  const memory = { kept: mebibytes(after - before), above: mebibytes(peak - before), process: mebibytes(peak) }
  const figures = { ...memory, 'step ms': Math.round((user + system) / 1000), loss }
  console.log(JSON.stringify({ ...name, nodes: graph.nodes.length, ...figures }))
  await engine.close()
}

/** Figures of an arm in a process of its own. */
const measured = (/** @type {string[]} */ ...own) =>
  JSON.parse(execFileSync(process.execPath, [import.meta.filename, ...own], { encoding: 'utf8' }))

const list = (/** @type {string} */ text) => text.split(',').filter((entry) => entry !== '')

function tables() {
  const size = ['--rows', values.rows, '--width', values.width]
  const skips = list(values.skips).flatMap((skip) =>
    list(values.seats).map((seats) => measured('--arm', 'mlp', '--skips', skip, '--seats', seats, ...size)),
  )
  console.table(skips)
  const recomputed = list(values.layers).flatMap((layers) => {
    const own = ['--arm', 'gpt', '--layers', layers, '--clip', values.clip]
    const [kept, again] = [measured(...own), measured(...own, '--recompute', 'blocks')]
    const ratio = (/** @type {string} */ key) => Number((again[key] / kept[key]).toFixed(2))
    return [kept, { ...again, 'of process': ratio('process'), 'of step': ratio('step ms') }]
  })
  console.table(recomputed)
  console.log(machine())
}

if (values.help) console.log(help)
else if (values.arm === undefined) tables()
else await arm(values.arm === 'gpt' ? gpt() : mlp())
