import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** @typedef {{ peer: string, version: string, note: string }} Ready */
/** @typedef {{ ms: number[], loss: number }} Timed */

const timeLimitMs = 10 * 60_000
const keptErrorCharacters = 2000

/** A peer in a child process, stopped (SIGSTOP) whenever it is not being timed: spinning threads disturb no one. */
export class PeerProcess {
  #child
  #lines
  #errors = ''

  /** @param {import('./peers/index.mjs').Peer} peer @param {object} requested  the case, as JSON in the peer's first argument */
  constructor(name, peer, requested) {
    this.name = name
    const { command, file, env, cases: _, ...own } = peer
    const argument = JSON.stringify({ ...requested, ...own, peer: name })
    this.#child = spawn(command, [file, argument], { env: { ...process.env, ...env } })
    this.#child.on('error', (error) => (this.#errors += error.message))
    this.#child.stdin.on('error', (error) => (this.#errors += error.message))
    this.#child.stderr.on('data', (text) => (this.#errors = (this.#errors + text).slice(-keptErrorCharacters)))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** Waits until the peer says that it is ready. @returns {Promise<Ready>} */
  async ready() {
    const line = await this.#line()
    if (!line.startsWith('ready ')) throw new Error(`${this.name}: expected "ready {...}", got "${line}"`)
    const ready = JSON.parse(line.slice('ready '.length))
    this.#child.kill('SIGSTOP')
    return ready
  }

  /** Runs training steps while every other peer stands still. @returns {Promise<Timed>} */
  async run(/** @type {number} */ steps) {
    this.#child.kill('SIGCONT')
    this.#child.stdin.write(`run ${steps}\n`)
    const timed = JSON.parse(await this.#line())
    this.#child.kill('SIGSTOP')
    if (!Number.isFinite(timed.loss)) throw new Error(`${this.name}: expected a finite loss, got ${timed.loss}`)
    return timed
  }

  /** The most memory that the process has held at once (Linux), else null. */
  peakMiB() {
    const status = `/proc/${this.#child.pid}/status`
    if (!existsSync(status)) return null
    return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8'))[1]) / 1024)
  }

  async quit() {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGCONT')
    this.#child.stdin.end('quit\n')
    const timer = setTimeout(() => this.kill(), 5000)
    await once(this.#child, 'exit')
    clearTimeout(timer)
  }

  kill() {
    this.#child.kill('SIGKILL')
  }

  /** @returns {Promise<string>} */
  async #line() {
    const timer = setTimeout(() => {
      this.#errors = `no answer within ${timeLimitMs / 60_000} minutes. ${this.#errors}`
      this.kill()
    }, timeLimitMs)
    const { value, done } = await this.#lines.next()
    clearTimeout(timer)
    if (done) throw new Error(`${this.name}: expected an answer, the process ended. ${this.#errors.trim()}`)
    return value
  }
}
