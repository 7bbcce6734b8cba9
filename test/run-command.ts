import type { Command } from 'commander'
import { vi } from 'vitest'

export interface Written {
  readonly out: string
  readonly err: string
}

/** Runs a command of the CLI in this process; `see` is called with every piece of standard output and standard error. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  see: (piece: string) => void = () => undefined,
): Promise<Written> {
  const written = { out: '', err: '' }
  const to = (stream: keyof Written) => (text: unknown) => {
    written[stream] += String(text)
    see(String(text))
    return true
  }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(to('out'))
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(to('err'))
  for (const one of [command, ...command.commands]) one.exitOverride()
  try {
    await command.parseAsync([...args], { from: 'user' })
    return written
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}
