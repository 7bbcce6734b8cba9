import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { untranslated } from '../../test/english.ts'
import { runCommand, type Written } from '../../test/run-command.ts'
import { writeTinyMnist } from '../../test/tiny-mnist.ts'
import { articleCommand } from './article.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'residua-article-command-'))
  writeTinyMnist(join(root, 'data'))
})
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => {
  process.exitCode = undefined
})

const run = (args: string, see?: (piece: string) => void): Promise<Written> => {
  const place = ['--folder', join(root, 'runs'), '--data-folder', join(root, 'data')]
  return runCommand(articleCommand(), [...place, ...args.split(' ')], see)
}

test('stops at Ctrl-C, goes on, reports, and keeps what is done', { timeout: 240_000 }, async () => {
  const stopped = await run('--epochs 1 --threads 1', (text) => {
    if (text.startsWith('arm 1/8') && text.includes('evaluation')) process.emit('SIGINT', 'SIGINT')
  })
  expect(process.exitCode).toBe(130)
  expect(stopped.out).toBe('')
  expect(stopped.err).toMatch(/residua: stopped; residua article --epochs 1 --folder \S+ --data-folder \S+ goes on\n$/)
  process.exitCode = undefined

  const { out, err } = await run('--epochs 1 --threads 1')
  expect(process.exitCode).toBeUndefined()
  expect(err).toMatch(/^arm 1\/8 plain-shallow (already done; --fresh begins anew|goes on where it was stopped)\n/)
  expect(err).toMatch(/arm 8\/8 residual-norm-deep step 2: evaluation loss/)
  const lines = out.split('\n')
  expect(lines[1]).toMatch(
    /^arm +blocks +residual +norm +accuracy +test loss +ratio @1 +ratio @1 +step ms +seconds +remark$/,
  )
  expect(
    lines.filter((line) => /^(plain|norm|residual)\S*-(shallow|deep) +(1|32) +(no|yes) +(no|yes) +[\d.]+% /.test(line)),
  ).toHaveLength(8)
  expect(out).toMatch(/With 32 blocks, .*With 1 block, /)
  for (const file of ['report.html', 'report.md']) {
    expect(out).toContain(join(root, 'runs', file))
    expect(existsSync(join(root, 'runs', file))).toBe(true)
  }

  const said = (printed: string): string =>
    [printed, ...['report.html', 'report.md'].map((file) => readFileSync(join(root, 'runs', file), 'utf8'))].join('\n')
  const english = said(out)
  const chinese = said((await run('--epochs 1 --lang zh')).out)
  expect(chinese).toMatch(/<html lang="zh">[^]*32 个块时/)
  expect(chinese).toMatch(/residua article --epochs 1 .*--lang zh/)
  expect(untranslated(english, chinese)).toEqual([])

  const again = await run('--epochs 1 --json')
  expect(again.err.match(/already done/g)).toHaveLength(8)
  const { arms, finding } = JSON.parse(again.out) as {
    arms: { folder: string; accuracy: number }[]
    finding: { lead: string }
  }
  expect(out).toContain(finding.lead)
  for (const { folder, accuracy } of arms) {
    expect((JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as (typeof arms)[0]).accuracy).toBe(accuracy)
  }

  await expect(run('--epochs 2')).rejects.toThrow('epochs is 1, asked for 2. Begin anew with --fresh')
})

test('refuses what is no number of epochs', async () => {
  await expect(run('--epochs 0')).rejects.toThrow('Expected a whole number >= 1')
})
