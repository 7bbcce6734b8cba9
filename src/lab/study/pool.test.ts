import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { directoryStore } from './directory-store.ts'
import { finishJobs, type Job, type JobEvent, runJobs } from './pool.ts'
import type { Claim } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-pool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A job whose cell another machine takes over while it runs. */
const robbed = (id: string, then: (claim: Claim) => void): Job => ({
  ...{ id, setting: {} },
  run: ({ signal }) =>
    new Promise<null>((resolve) => {
      signal!.addEventListener('abort', () => resolve(null))
      utimesSync(join(folder, 'cells', id, 'lease-1'), 0, 0)
      then(directoryStore(folder, { machine: 'b' }).claim(id)!)
    }),
})

test('a job whose cell another machine took over is stopped and told, and its result is not kept', async () => {
  const events: JobEvent[] = []
  const id = '0123456789abcdef'
  let released: (() => void) | undefined
  const job = robbed(id, ({ release }) => (released = release))
  const next = {
    id: 'fedcba9876543210',
    setting: {},
    run: () => Promise.resolve({ state: 'trained', metrics: {} } as const),
  }
  const store = directoryStore(folder, { machine: 'a', renewMs: 20 })
  await runJobs([job, next], store, { workers: 1, onEvent: (event) => events.push(event) })
  expect(events.map((event) => `${event.type} ${event.id}`)).toEqual([
    ...[`begin ${id}`, `lost ${id}`, `begin ${next.id}`, `end ${next.id}`],
  ])
  expect(events[1]).toMatchObject({
    error: { message: expect.stringMatching(/another worker has taken it over/) as string },
  })
  expect(store.result(id)).toBeNull()
  released!()
})

test('a job that was lost to another machine counts as in its hands: its result is waited for', async () => {
  const id = '0123456789abcdef'
  const outcome = { state: 'trained', metrics: { loss: 1 } } as const
  const job = robbed(id, (claim) => {
    void setTimeout(200).then(() => {
      claim.publish({ id, setting: {}, outcome, versions: {} })
      claim.release()
    })
  })
  const store = directoryStore(folder, { machine: 'a', renewMs: 20 })
  await finishJobs([job], store, { workers: 1 })
  expect(store.result(id)).toMatchObject({ outcome })
})

test('what another process has in hand is waited for, and what failed here is left', async () => {
  const [held, failing] = ['0123456789abcdef', 'fedcba9876543210']
  const outcome = { state: 'trained', metrics: {} } as const
  const other = directoryStore(folder).claim(held)!
  const runs: string[] = []
  const job = (id: string): Job => ({
    ...{ id, setting: {} },
    run: () => {
      runs.push(id)
      return Promise.reject(new Error('no such digit'))
    },
  })
  const finished = finishJobs([job(held), job(failing)], directoryStore(folder), { workers: 1 })
  await setTimeout(300)
  other.publish({ id: held, setting: {}, outcome, versions: {} })
  other.release()
  await finished
  expect(runs).toEqual([failing])
  expect(directoryStore(folder).result(held)).toMatchObject({ outcome })
})
