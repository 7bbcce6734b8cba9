#!/usr/bin/env node
// How the time to compile a training step grows with depth, part by part.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { InferenceSession } from 'onnxruntime-node'
import { vjp } from '../dist/autodiff/grad.js'
import { models, nn, optim } from '../dist/index.js'
import { toOnnx } from '../dist/onnx/model.js'
import { scalar } from '../dist/ops/constant.js'
import { sessionOptions } from '../dist/runtime/node/session-options.js'
import { build, forward } from '../dist/train/step.js'
import { machine } from './report.mjs'

const help = `node bench/compile.mjs

  forward, backward and AdamW of a GPT, and of a residual MLP with the skip 'reversible', at several depths; per row the
  milliseconds of processor time (of all threads, so that other work on the machine does not count) of

  trace      the net and its loss
  vjp        their gradients
  build      all that becomes the model: both of the above, update, simplify, toOnnx (also on its own)
  open       the session as Residua opens it, and with --levels as ONNX Runtime would at its own levels

  --blocks 12,24,48,96   --width 64   --batch 4   --update kernel|nodes   --levels all,basic,disabled
  --net gpt|reversible   --threads N (default: all cores)`

const { values } = parseArgs({
  options: {
    blocks: { type: 'string', default: '12,24,48,96' },
    width: { type: 'string', default: '64' },
    batch: { type: 'string', default: '4' },
    update: { type: 'string', default: 'kernel' },
    levels: { type: 'string', default: '' },
    net: { type: 'string', default: 'gpt' },
    threads: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean' },
  },
})
const width = Number(values.width)
const batch = Number(values.batch)
const threads = Number(values.threads)
const context = 64

const nets = {
  gpt: (/** @type {number} */ layers) => ({
    net: models.gpt({ layers, heads: 4, width, context, vocabulary: 65 }),
    inputs: { dtype: 'int32', shape: [context] },
    targets: { dtype: 'int32', shape: [context] },
    loss: nn.crossEntropy,
  }),
  reversible: (/** @type {number} */ seats) => ({
    net: nn.wire(Array(seats).fill(nn.feedForward({ hidden: width })), { skip: 'reversible', norm: 'layer' }),
    inputs: { dtype: 'float32', shape: [width] },
    targets: { dtype: 'float32', shape: [width] },
    loss: nn.meanSquaredError,
  }),
}

/** @template T @param {() => T | Promise<T>} work @returns {Promise<[result: T, ms: number]>} */
async function timed(work) {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1000]
}

/** @param {Uint8Array} model @param {InferenceSession.SessionOptions} options */
async function openTime(model, options) {
  const [session, ms] = await timed(() => InferenceSession.create(model, options))
  await session.release()
  return ms
}

/** @param {number} blocks */
async function measure(blocks) {
  const recipe = {
    ...nets[/** @type {keyof typeof nets} */ (values.net)](blocks),
    metrics: {},
    optimizer: optim.adamW({ learningRate: 1e-3 }),
    fusedUpdate: values.update === 'kernel',
  }
  const [traced, trace] = await timed(() => forward(recipe, batch, 'train'))
  const leaves = Array.from(traced.parameters.values(), ({ value }) => value)
  const [, backward] = await timed(() => vjp([traced.loss], [scalar(1)], leaves))
  const [{ graph, spec }, built] = await timed(() => build(recipe, 'train', batch))
  const [, lowered] = await timed(() => toOnnx(graph, { target: 'cpu', stop: 'stop' }))
  const open = await openTime(spec.model, sessionOptions(threads))
  const row = {
    ...{ blocks, nodes: graph.nodes.length, 'inputs + outputs': graph.inputs.size + graph.outputs.size },
    ...{ trace, vjp: backward, build: built, toOnnx: lowered, open, together: built + open },
  }
  for (const level of values.levels.split(',').filter(Boolean)) {
    const options = { logSeverityLevel: 3, intraOpNumThreads: threads, graphOptimizationLevel: level }
    row[level] = await openTime(spec.model, /** @type {InferenceSession.SessionOptions} */ (options))
  }
  return row
}

if (values.help) console.log(help)
else {
  const depths = values.blocks.split(',').map(Number)
  await measure(depths[0]) // the first is slower: V8 has not compiled yet
  const rows = []
  for (const blocks of depths) rows.push(await measure(blocks))
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, x]) => [name, Math.round(x)]))))
  console.log(machine())
}
