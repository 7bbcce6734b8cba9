import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const program = resolve(import.meta.dirname, '../dist/cli/main.js')

/** Runs the built `residua` in a folder. Rejects with `code`, `stdout` and `stderr` where its exit code is not 0. */
export const runProgram = (
  folder: string,
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> =>
  promisify(execFile)(process.execPath, [program, ...args], { cwd: folder, maxBuffer: 2 ** 26 })
