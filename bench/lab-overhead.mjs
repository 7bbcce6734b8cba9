// Bare training and training with the lab: one model, a few steps of each, in an order drawn anew for every round.
import { openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { column } from '../dist/data/column.js'
import { compile, models, nn, optim } from '../dist/index.js'
import { permutation, random } from '../dist/random.js'
import { progress } from '../dist/train/progress.js'
import { median } from './statistics.mjs'

/** Most that the lab may add to the time of a training. */
const bar = 0.05
const probeEvery = 10
const source = random(1, 'bench')
const nowhere = openSync('/dev/null', 'w')

/** @param {number} size */
const images = (size) => ({
  name: 'noise',
  size,
  inputs: column(
    Float32Array.from({ length: size * 784 }, () => source.uniform()),
    [784],
  ),
  targets: column(
    Int32Array.from({ length: size }, () => source.below(10)),
    [],
  ),
})

/** @param {number} size @param {number} context @param {number} vocabulary */
function tokens(size, context, vocabulary) {
  const side = () =>
    column(
      Int32Array.from({ length: size * context }, () => source.below(vocabulary)),
      [context],
    )
  return { name: 'random tokens', size, inputs: side(), targets: side() }
}

/** @typedef {{ title: string, batchSize: number, net: import('../dist/graph/scope.js').Layer, train: import('../dist/data/dataset.js').Dataset }} Shape */

/** The models of the bar: the MLP of a depth study on MNIST, and a small GPT. @type {Record<string, () => Shape>} */
export const shapes = {
  mlp: () => ({
    title: 'MLP of 32 blocks, width 64, 784 inputs, batch 64',
    batchSize: 64,
    net: models.mlp({
      depth: 32,
      width: 64,
      outputs: 10,
      wiring: { skip: 'identity', norm: 'layer', placement: 'pre' },
    }),
    train: images(2048),
  }),
  gpt: () => ({
    title: 'GPT of 6 layers, width 64, 4 heads, context 64, vocabulary 65, batch 12',
    batchSize: 12,
    net: models.gpt({ layers: 6, heads: 4, width: 64, vocabulary: 65, context: 64 }),
    train: tokens(1024, 64, 65),
  }),
}

/** @typedef {Awaited<ReturnType<typeof open>>} Opened */

/** @param {string} name @param {number} threads */
async function open(name, threads) {
  const shape = shapes[name]
  if (!shape) throw new Error(`bench: there is no model "${name}". See --help`)
  const { title, batchSize, net, train } = shape()
  const optimizer = optim.adamW({ learningRate: 1e-4 })
  return { title, batchSize, model: await compile(net, { train, loss: nn.crossEntropy, optimizer, threads }) }
}

/** A terminal that shows what it is given to nobody. */
const terminal = /** @type {NodeJS.WriteStream} */ (
  /** @type {unknown} */ ({
    isTTY: true,
    columns: 160,
    write: (/** @type {string} */ text) => writeSync(nowhere, text) > 0,
  })
)

/**
 * Milliseconds per step, by the clock and of the processor, from the end of one step to that of the `steps`-th after it:
 * without what a run folder costs once (first and last checkpoint, the exported model).
 *
 * @param {Opened} opened @param {number} steps @param {{ probes?: boolean, run?: string, shown?: boolean }} [lab]
 */
async function train({ model, batchSize }, steps, { probes = false, run, shown = false } = {}) {
  const show = progress(shown, { stream: terminal })
  const options = { steps: steps + 1, batchSize, runAhead: true, checkpointEvery: 1e9 }
  let [began, ended] = [0, 0]
  let [before, after] = [process.cpuUsage(), process.cpuUsage()]
  for await (const event of model.train({ ...options, ...(probes ? { probeEvery } : {}), ...(run ? { run } : {}) })) {
    show.see(event)
    if (event.type !== 'step') continue
    ;[ended, after] = [performance.now(), process.cpuUsage()]
    if (began === 0) [began, before] = [ended, after]
  }
  const cpu = (after.user + after.system - before.user - before.system) / 1000
  return { wall: (ended - began) / steps, cpu: cpu / steps }
}

/** Milliseconds of a bare step: by the clock, and of each of its threads. @param {string} name @param {number} threads */
export async function bareStep(name, threads) {
  const opened = await open(name, threads)
  const times = []
  for (let i = 0; i < 6; i++) times.push(await train(opened, 20))
  await opened.model.close()
  const middle = (/** @type {'wall' | 'cpu'} */ kind) => median(times.slice(1).map((figures) => figures[kind]))
  return { title: opened.title, wall: middle('wall'), cpu: middle('cpu') / threads }
}

/** @param {string} name @param {{ rounds: number, steps: number, threads: number }} options */
export async function overhead(name, { rounds, steps, threads }) {
  const opened = await open(name, threads)
  const folder = await mkdtemp(join(tmpdir(), 'residua-lab-'))
  let runs = 0
  const run = () => join(folder, String(runs++))
  const ways = {
    bare: () => train(opened, steps),
    'run folder': () => train(opened, steps, { run: run() }),
    progress: () => train(opened, steps, { shown: true }),
    'probes every 10': () => train(opened, steps, { probes: true }),
    all: () => train(opened, steps, { probes: true, run: run(), shown: true }),
  }
  const names = /** @type {(keyof typeof ways)[]} */ (Object.keys(ways))
  const times = names.map(() => /** @type {{ wall: number, cpu: number }[]} */ ([]))
  for (let round = -1; round < rounds; round++) {
    for (const way of permutation(names.length, source)) {
      const measured = await ways[names[way]]()
      if (round >= 0) times[way].push(measured)
    }
  }
  await opened.model.close()
  rmSync(folder, { recursive: true })
  const more = (/** @type {number} */ way, /** @type {'wall' | 'cpu'} */ kind) =>
    100 * (median(times[way].map((figures, round) => figures[kind] / times[0][round][kind])) - 1)
  console.log(
    `\n${opened.title}; ${rounds} rounds of ${steps} steps, ${threads} threads; medians, ratios within a round`,
  )
  names.forEach((way, i) => {
    const ms = median(times[i].map(({ wall }) => wall)).toFixed(3)
    const added =
      i === 0 ? '' : `, ${more(i, 'wall').toFixed(1)}% more than bare; of CPU ${more(i, 'cpu').toFixed(1)}% more`
    console.log(`  ${way.padEnd(16)} ${ms} ms per step${added}`)
  })
  const holds = more(names.indexOf('all'), 'wall') < 100 * bar
  console.log(`  ${holds ? 'holds' : 'MISSED'}: under ${100 * bar}%`)
  return holds
}
