/** Options that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import type { EngineOptions } from '../runtime/engine.ts'
import { readText } from '../files/disk.ts'
import { parseJson } from '../files/json.ts'

/** Reads a whole number of at least `least` and at most `most`. */
export const count =
  (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? `>= ${least}` : `from ${least} to ${most}`
    throw new InvalidArgumentError(`Expected a whole number ${range}.`)
  }

/** Reads a decimal number that `accepts` takes; `range` says which those are. */
export const decimal =
  (range: string, accepts: (value: number) => boolean) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isFinite(value) && accepts(value)) return value
    throw new InvalidArgumentError(`Expected a number ${range}.`)
  }

/** A wiring as JSON, or `@file` that holds it; as it was written, so that advice can repeat it. */
export function readWiring(text: string): Wiring {
  const json = text.startsWith('@') ? readText(text.slice(1)) : text
  let wiring: Wiring
  try {
    wiring = parseJson(json, '--wiring') as Wiring
  } catch {
    throw new InvalidArgumentError(
      `Expected JSON such as '{"skip":"identity","norm":"layer","placement":"pre"}'; residua wirings lists the names.`,
    )
  }
  resolveWiring(wiring)
  return wiring
}

/** What the options of `addEngineFlags` give. */
export type EngineFlags = Pick<EngineOptions, 'device' | 'threads'>

/** Adds `--device` and `--threads`; left out, the environment decides (RESIDUA_DEVICE, RESIDUA_THREADS). */
export const addEngineFlags = (command: Command): Command =>
  command
    .option('--device <name>', 'where programs run (default: $RESIDUA_DEVICE, else cpu)')
    .option('--threads <n>', 'threads of the engine (default: $RESIDUA_THREADS, else all cores)', count(1, 1024))

/** The engine options among the values of a command. */
export const engineOf = ({ device, threads }: EngineFlags): EngineFlags => ({
  ...(device === undefined ? {} : { device }),
  ...(threads === undefined ? {} : { threads }),
})

/** `--json`. */
export const jsonFlag = (what: string): Option => new Option('--json', `print ${what} as JSON, one object a line`)

/** `--lang`. */
export const langFlag = (): Option =>
  new Option('--lang <language>', 'of what is printed and of reports').choices(['en', 'zh']).default('en')
