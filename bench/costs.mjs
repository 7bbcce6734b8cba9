#!/usr/bin/env node
// What stands beside the step: compile time of the GPT step, the optimizer alone, dropout, and memory over 2,000 steps.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { column } from '../dist/data/column.js'
import { compile, models, nn, optim } from '../dist/index.js'
import { random } from '../dist/random.js'
import { LocalEngine } from '../dist/runtime/node/local.js'
import { Session } from '../dist/train/session.js'
import { build } from '../dist/train/step.js'
import { cases } from './cases.mjs'
import { machine } from './report.mjs'
import { median } from './statistics.mjs'

const help = `node bench/costs.mjs [compile] [optimizer] [dropout] [memory]     (default: all)

  compile    trace, differentiate, serialize and open the session of the GPT step
  optimizer  AdamW alone at 1M, 10M and 100M parameters: fused kernel, and as nodes of the graph
  dropout    step of the residual MLP without dropout and with dropout 0.1 in every block
  memory     resident memory of a training at step 100 and at step 2,000
  --threads N (default: all cores)`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string', default: String(availableParallelism()) }, help: { type: 'boolean' } },
})
const threads = Number(values.threads)
const float = (/** @type {number} */ value) => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) })
const ms = (/** @type {number} */ value) => `${value.toPrecision(3)} ms`

/** @param {import('../dist/graph/scope.js').Layer} net @param {object} inputs @param {object} targets */
const recipe = (net, inputs, targets, fusedUpdate = true) => ({
  ...{ net, inputs, targets, loss: nn.crossEntropy, metrics: {}, fusedUpdate },
  optimizer: optim.adamW({ learningRate: 1e-3 }),
})

async function compileTime() {
  const { layers, heads, width, context, vocabulary, batch } = cases.gpt.shape
  const ids = { dtype: 'int32', shape: [context] }
  const times = []
  for (let round = 0; round < 5; round++) {
    const engine = await LocalEngine.create(threads, true)
    const session = new Session(recipe(models.gpt({ layers, heads, width, context, vocabulary }), ids, ids), engine, 1)
    await session.initialize()
    const start = performance.now()
    const { spec, graph } = build(session.recipe, 'train', batch)
    const built = performance.now()
    await engine.open(spec)
    times.push({ built: built - start, opened: performance.now() - built, nodes: graph.nodes.length })
    await engine.close()
  }
  const [built, opened] = [median(times.map((t) => t.built)), median(times.map((t) => t.opened))]
  console.log(
    `compile of the GPT step (${times[0].nodes} nodes): build ${ms(built)}, open ${ms(opened)}, together ${ms(built + opened)}`,
  )
}

async function optimizerTime() {
  for (const millions of [1, 10, 100]) {
    for (const fused of [true, false]) {
      const width = 1000
      const layers = Array.from({ length: millions }, () => nn.linear(width, { bias: false, init: nn.zeros }))
      const inputs = { dtype: 'float32', shape: [width] }
      const engine = await LocalEngine.create(threads, true)
      const session = new Session(
        recipe(nn.sequential(...layers), inputs, { dtype: 'int32', shape: [] }, fused),
        engine,
        1,
      )
      await session.initialize()
      await session.prepareSums()
      const id = await engine.open(build(session.recipe, 'update', 1).spec)
      const feeds = { 'step.rate': float(1e-3), 'step.inverseRoot': float(1), 'step.shrink': float(0.999) }
      const times = []
      for (let round = 0; round < 12; round++) {
        const start = performance.now()
        await engine.run(id, feeds)
        times.push(performance.now() - start)
      }
      const note = fused ? 'fused kernel, one thread (with a copy of the gradients in)' : `nodes, ${threads} threads`
      console.log(`AdamW, ${millions}M parameters, ${note}: ${ms(median(times.slice(2)))}`)
      await engine.close()
    }
  }
}

/** @param {number} dropout */
async function residual(dropout) {
  const { inputs, width, blocks, classes, batch } = cases['residual-mlp'].shape
  const source = random(1, 'bench')
  const size = 8 * batch
  const train = {
    ...{ name: 'random', size, classes },
    inputs: column(Float32Array.from({ length: size * inputs }, source.uniform), [inputs]),
    targets: column(
      Int32Array.from({ length: size }, () => source.below(classes)),
      [],
    ),
  }
  const branches = Array.from({ length: blocks }, () => nn.feedForward({ hidden: width, activation: 'relu', dropout }))
  const net = nn.sequential(
    nn.linear(width),
    nn.wire(branches, { skip: 'identity', norm: 'layer', placement: 'pre' }),
    nn.linear(classes),
  )
  const model = await compile(net, {
    train,
    loss: nn.crossEntropy,
    optimizer: optim.sgd({ learningRate: 1e-3 }),
    threads,
  })
  return { model, batchSize: batch }
}

async function dropoutTime() {
  for (const rate of [0, 0.1]) {
    const { model, batchSize } = await residual(rate)
    const times = []
    for await (const event of model.train({ steps: 120, batchSize }))
      if (event.type === 'step') times.push(event.stepMs)
    console.log(`residual MLP step, dropout ${rate}: ${ms(median(times.slice(20)))}`)
    await model.close()
  }
}

async function memory() {
  const { model, batchSize } = await residual(0)
  let early = 0
  for await (const event of model.train({ steps: 2000, batchSize })) {
    if (event.type !== 'step' || (event.step !== 100 && event.step !== 2000)) continue
    const resident = process.memoryUsage().rss / 2 ** 20
    if (event.step === 100) early = resident
    else
      console.log(
        `resident memory at step 100: ${early.toFixed(0)} MiB, at step 2,000: ${resident.toFixed(0)} MiB (${((resident / early - 1) * 100).toFixed(1)}%)`,
      )
  }
  await model.close()
}

const parts = { compile: compileTime, optimizer: optimizerTime, dropout: dropoutTime, memory }
if (values.help) console.log(help)
else {
  for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
    const part = parts[/** @type {keyof typeof parts} */ (name)]
    if (!part) throw new Error(`costs: unknown part "${name}".\n${help}`)
    await part()
  }
  console.log(machine())
}
