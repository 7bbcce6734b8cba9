/**
 * Trains with frequent checkpoints, kills the process with SIGKILL at random moments and resumes, until done; what is left
 * must equal an uninterrupted run, bit for bit. Uses the built package.
 *
 *     node test/kill.mjs [--kills 50] [--seed 1]
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compile, data, metrics, nn, optim } from 'residua'

const steps = 150

/** One life: begins the run, or goes on with it where an earlier life left one. */
async function train(run) {
  const points = data.spiral({ points: 43 })
  const block = nn.sequential(nn.feedForward({ hidden: 16, dropout: 0.2 }), nn.batchNorm())
  const net = nn.sequential(nn.linear(8), (s, x) => s.tap('block', block(s, x)), nn.linear(3))
  const learningRate = optim.cosine({ peak: 0.02, warmupSteps: 10, steps })
  const model = await compile(net, {
    train: points,
    loss: nn.crossEntropy,
    optimizer: optim.clipNorm(1, optim.adamW({ learningRate })),
    metrics: { accuracy: metrics.accuracy },
    threads: 1,
  })
  await model.fit({
    ...{ run, steps, batchSize: 16, resume: existsSync(join(run, 'run.json')), progress: false },
    ...{ checkpointEvery: 2, probeEvery: 5, evaluate: points, evaluateEvery: 8, earlyStopping: { patience: 1000 } },
  })
}

/** Runs one life; true where it came to its end before it was killed after `delay` milliseconds. */
function live(run, delay = Infinity) {
  const child = fork(fileURLToPath(import.meta.url), ['--run', run])
  const timer = delay === Infinity ? undefined : setTimeout(() => child.kill('SIGKILL'), delay)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (code === 0 || signal === 'SIGKILL') resolve(code === 0)
      else reject(new Error(`a life ended by itself: code ${code}, signal ${signal}`))
    })
  })
}

const lines = (path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Everything in a finished run that must not depend on when it was interrupted. */
function outcome(run) {
  const bytes = (...path) => readFileSync(join(run, ...path)).toString('base64')
  const last = `step-${String(steps).padStart(6, '0')}`
  const [names, ...rows] = lines(join(run, 'scalars.jsonl'))
  const { seconds, ...summary } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'))
  assert(seconds > 0)
  return {
    tensors: bytes('checkpoints', last, 'tensors.safetensors'),
    state: bytes('checkpoints', last, 'state.json'),
    model: bytes('model.onnx'),
    layers: bytes('layers.f32'),
    names,
    rows: rows.map(([step, , ...values]) => [step, ...values]), // without the time
    evaluations: lines(join(run, 'events.jsonl')).filter(({ type }) => type === 'evaluation'),
    summary,
  }
}

/** Uniform in [0, 1), seeded (mulberry32). */
function randomSource(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

async function main({ kills, seed }) {
  const root = mkdtempSync(join(tmpdir(), 'residua-kill-'))
  try {
    const began = performance.now()
    const straight = join(root, 'straight')
    assert(await live(straight))
    const lifetime = performance.now() - began
    const expected = outcome(straight)
    assert.equal(expected.rows.length, steps)

    const next = randomSource(seed)
    let killed = 0
    let runs = 0
    while (killed < kills) {
      const run = join(root, `killed-${runs++}`)
      while (!(await live(run, killed < kills ? next() * lifetime : Infinity))) killed++
      assert.deepEqual(outcome(run), expected)
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`${killed} kills in ${runs} runs of ${steps} steps: every final state is identical (${seconds} s)`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: { run: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' } },
})
if (values.run !== undefined) await train(values.run)
else await main({ kills: Number(values.kills ?? 50), seed: Number(values.seed ?? 1) })
