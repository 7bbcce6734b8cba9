import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const git = (...words: string[]): string =>
  execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

/** The commit of the checkout that this code runs from, with `+` where sources were changed since; null outside of one. */
export function commitOf(): string | null {
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', 'src', 'experiments') === '' ? '' : '+'}`
  } catch {
    return null
  }
}
