import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const git = (...words: string[]): string =>
  execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

function readCommit(): string | null {
  if (!existsSync(join(root, '.git'))) return null // a package inside of somebody else's repository
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', 'src', 'experiments') === '' ? '' : '+'}`
  } catch {
    return null
  }
}

let known: string | null | undefined

/** The commit of the checkout that this process runs from, with `+` where sources were changed since; null outside of one. */
export function commitOf(): string | null {
  if (known === undefined) known = readCommit()
  return known
}
