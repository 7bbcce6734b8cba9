/**
 * A process that works on a shared study until every cell has its result, and writes what it does as lines of a log that
 * all of them append to. Started and killed by src/lab/study/kill.test.ts; uses the built package.
 *
 *     node test/study-worker.mjs cells|machines|study FOLDER LOG WORKER
 */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const [kind, folder, path, worker] = process.argv.slice(2)
const log = (type, cell) => appendFileSync(path, `${JSON.stringify({ type, worker: Number(worker), cell })}\n`)

/** Claims cell by cell, works a few milliseconds on each, publishes. */
async function workOnCells(count, leases) {
  const { directoryStore } = await import('../dist/lab/study/directory-store.js') // the whole lab takes a second to load
  const store = directoryStore(folder, leases)
  const waiting = new Set(Array.from({ length: count }, (_, i) => `cell-${i}`))
  while (waiting.size > 0) {
    for (const id of waiting) {
      const claim = store.claim(id)
      if (claim === null) {
        if (store.result(id) !== null) waiting.delete(id)
        continue
      }
      log(existsSync(claim.folder) ? 'resume' : 'begin', id)
      mkdirSync(claim.folder, { recursive: true })
      try {
        await sleep(5 + (waiting.size % 20))
        const outcome = { state: 'trained', metrics: { loss: waiting.size } }
        claim.publish({ id, setting: { cell: id }, outcome, versions: { worker } })
        log('end', id)
      } catch (error) {
        log(error.message.includes('another worker has taken it over') ? 'lost' : error.message, id)
      } finally {
        claim.release()
      }
    }
    await sleep(20) // others still have them
  }
}

/** Runs a study of cells that train, one at a time; one arm of its rates diverges. */
async function workOnStudy() {
  const { arms, study, tasks } = await import('residua/lab')
  const { run } = study({
    question: 'Does a skip help on a spiral?',
    task: tasks.spiral({ depth: 1, width: 8 }),
    arms: arms({ plain: { skip: 'none' }, residual: { skip: 'identity' } }),
    learningRates: [1e-2, 1e30],
    seeds: 4,
    steps: 8,
    metric: 'accuracy',
  })
  const onEvent = ({ type, id, error }) => type !== 'step' && log(error?.message ?? type, id)
  for (;;) {
    try {
      await run({ folder, workers: 1, onEvent })
      return
    } catch (error) {
      if (!/cells are missing\. Run it again/.test(error.message)) throw error // others still have them
    }
    await sleep(50)
  }
}

if (kind === 'cells') await workOnCells(120)
else if (kind === 'machines') await workOnCells(40, { machine: `machine-${worker}`, renewMs: 100, staleMs: 2000 })
else await workOnStudy()
