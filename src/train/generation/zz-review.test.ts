import { it } from 'vitest'
import { mkdtempSync } from 'node:fs'
import { runCell } from '../../lab/study/cell.ts'
import { spiral } from '../../lab/tasks/index.ts'
import { resolveWiring } from '../../nn/wiring/wiring.ts'
import { split } from '../../data/dataset.ts'
import { spiral as data } from '../../data/synthetic.ts'
import { gpt } from '../../models/gpt.ts'
import { tokens } from './zz-old.ts'
import { sessionOf } from './tiny-session.test-kit.ts'
it('old', async () => {
  const session = await sessionOf(gpt({ layers: 1, heads: 2, width: 8, vocabulary: 40, positions: 'rotary' }), 16)
  for (const n of [Number.MAX_SAFE_INTEGER, 2]) try { for await (const _ of tokens(session, { prompts: [Int32Array.of(1)] }, { tokens: n })) break; console.log('ok', n) } catch (e) { console.log(n, String(e)) }
})
it('overfit', async () => {
  const task = spiral({ depth: 4, width: 64 })
  const [train, test] = split(data({ classes: 3, points: 60, noise: 0.8 }), 0.5, 0)
  const base = await task.open(task.options)
  const setting = { task: 'x', options: task.options as any, wiring: resolveWiring({}) as any, training: { schedule: 'constant', warmupSteps: 0, weightDecay: 0, clipNorm: null, beta1: .9, beta2: .999 } as const, batchSize: 32, steps: 1500, learningRate: 3e-3, seed: 0 }
  console.log(JSON.stringify(await runCell(task as any, { ...base, train, test }, setting, { folder: mkdtempSync('/tmp/review/c-') + '/run', threads: 1, probeEvery: 0 })))
}, 60000)
