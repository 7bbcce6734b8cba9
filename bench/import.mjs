#!/usr/bin/env node
// `residua import` of a Hugging Face folder of SmolLM2-135M's shape: seconds and peak memory of the whole process.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeLlamaFolder } from './llama-folder.mjs'
import { machine } from './report.mjs'
import { median } from './statistics.mjs'

const help = `node bench/import.mjs [--rounds 5]

  30 layers, width 576, 9 heads of queries and 3 of keys and values, vocabulary 49,152, tied, random weights as bfloat16 in
  one safetensors file. A process per round; MiB are those of its resident memory at the highest point.`

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, help: { type: 'boolean' } },
})

const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const atExit = 'process.on("exit", () => process.stderr.write(`maxRSS ${process.resourceUsage().maxRSS}\\n`))'

function round(/** @type {string} */ folder, /** @type {string} */ run) {
  const args = ['--import', `data:text/javascript,${atExit}`, command, 'import', folder, '--run', run, '--quiet']
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const seconds = (performance.now() - start) / 1000
  rmSync(run, { recursive: true, force: true })
  const peak = /^maxRSS (\d+)$/m.exec(stderr)
  if (status !== 0 || peak === null) throw new Error(`import: expected success, got ${status}. ${stderr}`)
  return { seconds, peakMiB: Number(peak[1]) / 1024 }
}

function main() {
  const parent = mkdtempSync(join(tmpdir(), 'residua-import-'))
  try {
    const folder = join(parent, 'model')
    const parameters = writeLlamaFolder(folder)
    execFileSync('sync')
    const before = machine()
    const rounds = Array.from({ length: Number(values.rounds) }, () => round(folder, join(parent, 'run')))
    const floatMiB = (parameters * 4) / 2 ** 20
    const seconds = rounds.map((one) => one.seconds)
    const peak = Math.max(...rounds.map((one) => one.peakMiB))
    const range = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`
    console.log(`${parameters} parameters, ${floatMiB.toFixed(0)} MiB as float32`)
    console.log(`seconds: median ${median(seconds).toFixed(2)}, ${range}`)
    console.log(`peak: ${peak.toFixed(0)} MiB, ${(peak / floatMiB).toFixed(2)}x the float32 size`)
    console.log(before)
  } finally {
    rmSync(parent, { recursive: true })
  }
}

if (values.help) console.log(help)
else main()
