// A study of 1,000 runs: its results read with their digests, judged, and written as a report.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as lab from '../dist/lab/index.js'
import { cellsOf, planJson } from '../dist/lab/study/plan.js'
import { writeStudyReport } from '../dist/lab/study/report.js'
import { cellId } from '../dist/lab/study/setting.js'
import { runResults, summarise } from '../dist/lab/study/summary.js'
import { judge } from '../dist/lab/verdict/judge.js'
import { random } from '../dist/random.js'
import { versions } from '../dist/train/versions.js'
import { median, timed } from './statistics.mjs'

const barMs = 2000

/** Arms x learning rates x seeds, and the share of runs that fail in the worst arm. */
const studies = [
  { arms: 100, rates: 1, seeds: 10, failing: 0 },
  { arms: 100, rates: 1, seeds: 10, failing: 0.8 },
  { arms: 33, rates: 3, seeds: 10, failing: 0.8 },
  { arms: 10, rates: 1, seeds: 100, failing: 0.8 },
]

/** @typedef {(typeof studies)[number]} Size */

/** A study whose results are drawn, not trained: the time to read them does not depend on how they came. @param {Size} size @param {string} folder */
async function write({ arms, rates, seeds, failing }, folder) {
  const weightDecay = Array.from({ length: arms }, (_, i) => i / 1000)
  const plan = await lab
    .study({
      question: `${arms} arms, ${rates} learning rates, ${seeds} seeds`,
      task: lab.tasks.spiral(),
      arms: lab.grid({ weightDecay }),
      learningRates: Array.from({ length: rates }, (_, i) => 10 ** (i - 3)),
      seeds,
      steps: 100,
      metric: 'accuracy',
    })
    .plan()
  const store = lab.directoryStore(folder)
  store.writePlan(planJson(plan))
  for (const setting of cellsOf(plan)) {
    const source = random(setting.seed, 'bench', setting.training.weightDecay * 1000, setting.learningRate * 1000)
    const fails = source.uniform() < (failing * setting.training.weightDecay * 1000) / arms
    const metrics = { loss: 0.3 + 0.02 * source.normal(), accuracy: 0.9 + 0.02 * source.normal() }
    const outcome = fails
      ? { state: /** @type {const} */ ('diverged'), step: 50, trainLoss: null, metrics: {} }
      : { state: /** @type {const} */ ('trained'), step: 100, trainLoss: 0.3, metrics }
    const id = cellId(setting)
    const claim = store.claim(id)
    if (claim === null) throw new Error(`bench: the cell ${id} is taken`)
    claim.publish({ id, setting, outcome, versions: versions() })
    claim.release()
  }
}

/** Figures of each part, in a process that has done nothing yet. @param {string} folder */
function measure(folder) {
  const store = lab.directoryStore(folder)
  const plan = /** @type {import('../dist/lab/study/plan.js').Plan} */ (/** @type {unknown} */ (store.plan()))
  const summarised = timed(() => summarise(plan, store))
  const reported = timed(() => writeStudyReport(folder, plan, summarised.result))
  const read = timed(() => runResults(plan, store).results)
  const judged = timed(() => judge(plan.rule, read.result))
  return {
    runs: read.result.length,
    wall: summarised.wall + reported.wall,
    total: summarised.cpu + reported.cpu,
    ...{ summarise: summarised.cpu, report: reported.cpu, readAgain: read.cpu, judgeAgain: judged.cpu },
  }
}

/** @param {number} repetitions */
export async function summary(repetitions) {
  let holds = true
  console.log(`\nA study of 1,000 runs, summarised ${repetitions} times, each in a new process (median ms of CPU)`)
  for (const size of studies) {
    const folder = await mkdtemp(join(tmpdir(), 'residua-lab-'))
    await write(size, folder)
    const all = Array.from({ length: repetitions }, () => {
      const text = execFileSync(process.execPath, [import.meta.filename, folder], { encoding: 'utf8' })
      return /** @type {ReturnType<typeof measure>} */ (JSON.parse(text))
    })
    rmSync(folder, { recursive: true })
    const figure = (/** @type {keyof ReturnType<typeof measure>} */ part) =>
      median(all.map((figures) => figures[part])).toFixed(0)
    const { arms, rates, seeds, failing } = size
    const total = median(all.map((figures) => figures.total))
    console.log(
      `  ${all[0].runs} runs (${arms} arms x ${rates} x ${seeds} seeds), up to ${100 * failing}% failing: ${figure('total')} (wall ${figure('wall')}) ` +
        `= summarise ${figure('summarise')} + report ${figure('report')}; once warm: read ${figure('readAgain')}, judge ${figure('judgeAgain')}`,
    )
    holds &&= total < barMs
  }
  console.log(`  ${holds ? 'holds' : 'MISSED'}: under ${barMs} ms`)
  return holds
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(measure(process.argv[2])))
