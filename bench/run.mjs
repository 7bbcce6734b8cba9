#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { alternate } from './harness.mjs'
import { peers } from './peers/index.mjs'
import { machine, markdown, summarise } from './report.mjs'

const help = `node bench/run.mjs CASE [options]     (once before: npm ci --prefix bench)

Times one whole training step (forward, backward, update, loss read back) of several peers in alternating rounds and
prints a Markdown table. A round's figure is the median of its steps; the table shows the median, minimum and maximum
over the rounds, the median ratio to the baseline within a round, and the most memory that the peer's process held at
once. Ends with 1 if a peer could not be measured.

Cases
${Object.entries(cases)
  .map(([name, { title }]) => `  ${name.padEnd(20)} ${title}`)
  .join('\n')}

Options
  --peers A,B,...      ${Object.keys(peers).join(', ')} (default: all that know the case)
  --baseline NAME      the peer that the ratios refer to (default: the first)
  --rounds N           alternating rounds, after 3 to warm up (default 12)
  --steps N            training steps per round (default: ${Object.entries(cases)
    .map(([name, { steps }]) => `${steps} for ${name}`)
    .join(', ')})
  --threads N          threads per peer (default: all cores)
  --json FILE          also writes all figures and the machine to FILE
  --help

TORCH_PYTHON names a Python with a newer PyTorch; it joins the peers as torch-new.
`

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: 'string' },
      baseline: { type: 'string' },
      rounds: { type: 'string', default: '12' },
      steps: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [name] = positionals
  const chosen = cases[name]
  if (!chosen || positionals.length > 1) {
    throw new Error(
      `bench: expected one case out of ${Object.keys(cases).join(', ')}, got "${positionals.join(' ')}". See --help.`,
    )
  }
  const names = values.peers?.split(',') ?? Object.keys(peers).filter((peer) => peers[peer].cases.includes(name))
  for (const peer of names) {
    if (!peers[peer]?.cases.includes(name))
      throw new Error(`bench: peer "${peer}" does not know the case ${name}. See --help.`)
  }
  const baseline = values.baseline ?? names[0]
  if (!names.includes(baseline))
    throw new Error(`bench: the baseline "${baseline}" is none of the peers ${names.join(', ')}.`)
  const rounds = positive('--rounds', values.rounds)
  const steps = positive('--steps', values.steps ?? String(chosen.steps))
  const threads = positive('--threads', values.threads)

  const before = machine()
  const { results, failed } = await alternate({
    peers: Object.fromEntries(names.map((peer) => [peer, peers[peer]])),
    requested: { name, shape: chosen.shape, threads },
    rounds,
    steps,
    report: console.error,
  })
  for (const { peer, reason } of failed) console.error(`\n${peer} was not measured. ${reason}`)
  if (results.length === 0) return 1
  const rows = summarise(results, baseline)
  const tokensPerStep = chosen.shape.batch * (chosen.shape.context ?? 0)
  const { cpu, cores, node, commit, load } = before
  console.log(`${chosen.title}; ${rounds} rounds of ${steps} steps\n\n${markdown(rows, baseline, tokensPerStep)}\n`)
  console.log(
    `${cpu}, ${cores} cores, ${threads} threads per peer, load before ${load.toFixed(2)}, Node ${node}, commit ${commit}`,
  )
  if (values.json) {
    const record = { case: name, ...chosen, steps, rounds, threads, baseline, machine: before, rows, failed }
    writeFileSync(values.json, `${JSON.stringify(record, null, 2)}\n`)
  }
  return failed.length > 0 ? 1 : 0
}

/** @param {string} option @param {string} text */
function positive(option, text) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`bench: ${option} expected a whole number of at least 1, got "${text}".`)
  return value
}
