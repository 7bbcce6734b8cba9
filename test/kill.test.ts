import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('a run killed six times at random moments ends in the bits of an uninterrupted one', () => {
  const script = join(import.meta.dirname, 'kill.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--kills', '6'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^6 kills in \d+ runs of 150 steps: every final state is identical/)
})
