import type { Command } from 'commander'
import { vi } from 'vitest'

export interface Written {
  readonly out: string
  readonly err: string
}

/** Runs a command of the CLI in this process; `see` is called with every piece of standard output. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  see: (piece: string) => void = () => undefined,
): Promise<Written> {
  const written = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text)
    see(String(text))
    return true
  })
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text)
    return true
  })
  for (const one of [command, ...command.commands]) one.exitOverride()
  try {
    await command.parseAsync([...args], { from: 'user' })
    return written
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}
