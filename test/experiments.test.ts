import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ExperimentRecord } from '../src/lab/experiment/record.ts'
import { runProgram } from './run-program.ts'

test(
  'E24: post-norm at 32 blocks does not vanish at the start and collapses within steps',
  { timeout: 600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'residua-experiment-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const asked = ['claims', 'run', 'E24', '--short', '--quiet', '--json', '--folder', folder]
    const { stdout } = await runProgram(folder, ...asked)
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
