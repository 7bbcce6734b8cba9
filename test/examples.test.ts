import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const built = resolve(import.meta.dirname, '../dist/examples')

test('the article example learns MNIST to 97.5% and writes its network', { timeout: 600_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-example-'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(built, '01-article.js')], { cwd: folder })
    const accuracy = Number(/^Test accuracy: (0\.\d+)$/m.exec(stdout)?.[1])
    expect(accuracy).toBeGreaterThanOrEqual(0.975)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
