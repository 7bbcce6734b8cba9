#!/usr/bin/env node
// What the lab costs, held against the bars of its design; ends with 1 where one is missed.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { overhead, shapes } from './lab-overhead.mjs'
import { series } from './lab-series.mjs'
import { summary } from './lab-summary.mjs'
import { machine } from './report.mjs'

const help = `node bench/lab.mjs [PART ...]     (default: all parts; once before: npm run build)

Parts
  overhead   training with probes every 10 steps, a run folder and progress, against the same without: under 5%
  summary    a study of 1,000 runs read, judged and reported, in a process of its own each time: under 2 s
  series     100,000 steps x 200 series: writing under 1% of the step of each model of 'overhead', reading under 1 s

Options
  --models A,B   ${Object.keys(shapes).join(', ')} (default: all)
  --rounds N     alternating rounds of overhead, after one to warm up (default 30), and repetitions of the others (a tenth)
  --steps N      steps per round and way to train, in whole tens (default 20)
  --threads N    (default: all cores)`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: Object.keys(shapes).join() },
    rounds: { type: 'string', default: '30' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(help)
else process.exitCode = await main()

async function main() {
  const parts = positionals.length > 0 ? positionals : ['overhead', 'summary', 'series']
  const unknown = parts.find((part) => !['overhead', 'summary', 'series'].includes(part))
  if (unknown !== undefined) throw new Error(`bench: there is no part "${unknown}". See --help`)
  const [rounds, steps, threads] = [Number(values.rounds), Number(values.steps), Number(values.threads)]
  const names = values.models.split(',')
  const { load, ...rest } = machine()
  const held = []
  if (parts.includes('overhead')) for (const name of names) held.push(await overhead(name, { rounds, steps, threads }))
  const repetitions = Math.max(1, Math.round(rounds / 10))
  if (parts.includes('summary')) held.push(await summary(repetitions))
  if (parts.includes('series')) held.push(await series(names, { repetitions, threads }))
  console.log(JSON.stringify({ ...rest, loadBefore: load, loadAfter: machine().load }))
  return held.every(Boolean) ? 0 : 1
}
