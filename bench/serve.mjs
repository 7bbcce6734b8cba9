import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** The case that the harness asks this peer for: its name, its shape and the number of threads. */
export function requestedCase() {
  const text = process.argv[2]
  if (text === undefined)
    throw new Error('bench peer: expected the case as JSON in the first argument; start it through run.mjs')
  return JSON.parse(text)
}

/** Throws unless a net has as many parameters as the case says: all peers shall train the same. */
export function needParameters(/** @type {string} */ peer, /** @type {number} */ expected, /** @type {number} */ got) {
  if (got !== expected) throw new Error(`${peer}: expected a net of ${expected} parameters, got ${got}`)
}

/** Installed version of an npm package in bench/node_modules. */
export function versionOf(/** @type {string} */ name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}

/**
 * Serves the line protocol of a peer on stdin and stdout until `quit` or the end of stdin.
 *
 *     < ready {"peer": "...", "version": "...", "note": "..."}
 *     > run N      < {"ms": [one number per step], "loss": last}
 *     > quit
 *
 * @param {object} peer
 * @param {string} peer.peer
 * @param {string} peer.version
 * @param {string} [peer.note]  what a reader of the table should know: threads, variant
 * @param {() => number | Promise<number>} [peer.step]  one training step; gives the loss
 * @param {(count: number) => Promise<{ ms: number[], loss: number }>} [peer.run]  what `run N` does; default: N steps, timed
 */
export async function serve({ peer, version, note = '', step, run = (count) => timed(count, step) }) {
  process.stdout.write(`ready ${JSON.stringify({ peer, version, note })}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, count] = line.split(' ')
    if (verb === 'quit') break
    if (verb !== 'run') throw new Error(`bench peer: expected "run N" or "quit", got "${line}"`)
    process.stdout.write(`${JSON.stringify(await run(Number(count)))}\n`)
  }
  process.exit(0)
}

async function timed(/** @type {number} */ count, /** @type {() => number | Promise<number>} */ step) {
  const ms = []
  let loss = NaN
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    loss = await step()
    ms.push(performance.now() - start)
  }
  return { ms, loss }
}

console.log = console.error // libraries that print must not disturb the protocol
