import { PeerProcess } from './peer-process.mjs'
import { median } from './statistics.mjs'

/**
 * @typedef {object} Result
 * @property {string} peer
 * @property {string} version
 * @property {string} note
 * @property {number[]} ms  one figure per round: the median of its steps, in milliseconds
 * @property {number[][]} rounds  of each round, its steps in milliseconds
 * @property {number | null} peakMiB  most memory that the process held at once; null where the system does not say
 * @property {number} firstLoss  of the first step that was asked for
 * @property {number} loss  of the last step
 */

const warmUpRounds = 3

/**
 * Times peers in alternating rounds: every round runs every peer once, in an order that rotates, the others stopped.
 *
 * @param {object} options
 * @param {Record<string, import('./peers/index.mjs').Peer>} options.peers
 * @param {object} options.requested  the case that every peer is asked for
 * @param {number} options.steps  training steps per round
 * @param {number} options.rounds
 * @param {(line: string) => void} options.report  told what goes on
 * @returns {Promise<{ results: Result[], failed: { peer: string, reason: string }[] }>} `failed` holds the peers that did not start
 */
export async function alternate({ peers, requested, steps, rounds, report }) {
  /** @type {PeerProcess[]} */
  const started = []
  const killAll = () => started.forEach((peer) => peer.kill())
  const interrupted = () => process.exit(130)
  process.once('exit', killAll)
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    const warm = []
    const failed = []
    for (const [name, peer] of Object.entries(peers)) {
      const child = new PeerProcess(name, peer, requested)
      started.push(child)
      try {
        const { version, note } = await child.ready()
        const { loss: firstLoss } = await child.run(1)
        let loss = firstLoss
        for (let round = 0; round < warmUpRounds; round++) ({ loss } = await child.run(steps))
        warm.push({ child, result: { peer: name, version, note, ms: [], rounds: [], peakMiB: null, firstLoss, loss } })
        report(`${name} ${version}: warm, loss ${firstLoss.toFixed(3)}, then ${loss.toFixed(3)}`)
      } catch (error) {
        child.kill()
        failed.push({ peer: name, reason: error instanceof Error ? error.message : String(error) })
        report(`${name}: did not start`)
      }
    }
    if (warm.length > 0) await timeRounds({ warm, steps, rounds, report })
    for (const { child, result } of warm) {
      result.peakMiB = child.peakMiB()
      await child.quit()
    }
    return { results: warm.map(({ result }) => result), failed }
  } finally {
    killAll()
    process.off('exit', killAll).off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
}

async function timeRounds({ warm, steps, rounds, report }) {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < warm.length; i++) {
      const { child, result } = warm[(round + i) % warm.length]
      const { ms, loss } = await child.run(steps)
      result.ms.push(median(ms))
      result.rounds.push(ms)
      result.loss = loss
    }
    report(`round ${round + 1} of ${rounds}`)
  }
}
