import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentRecord } from '../src/lab/experiment/record.ts'

const main = resolve(import.meta.dirname, '../dist/cli/main.js')

test(
  'E24: post-norm at 32 blocks does not vanish at the start and collapses within steps',
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'residua-experiment-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const asked = [main, 'claims', 'run', 'E24', '--short', '--quiet', '--json', '--folder', folder]
    const { stdout } = await promisify(execFile)(process.execPath, asked, { maxBuffer: 2 ** 26 })
    const { findings } = JSON.parse(stdout) as ExperimentRecord
    const held = Object.entries(findings).map(([name, { verdict }]) => [name, verdict.holds])
    expect(Object.fromEntries(held)).toEqual({
      'vanishes at the start': false,
      'grows at the start': false,
      'gradients collapse': true,
      'tokens collapse': true,
      'pre-norm is spared': true,
    })
  },
)
