/** How the options of `residua train` are made and read. */
import { Option } from 'commander'
import { activationNamed, type ActivationName } from '../nn/activation.ts'
import { choose } from '../nn/options.ts'
import { decimal } from './options.ts'

type Read = (text: string) => number

/** An option whose value `parse` reads; `preset` is its value where it is left out. */
export function parsed<T>(flags: string, text: string, parse: (value: string) => T, preset?: T): Option {
  const option = new Option(flags, text).argParser(parse)
  return preset === undefined ? option : option.default(preset)
}

/** Reads one of the names of a table. */
export const nameIn =
  (flag: string, names: Readonly<Record<string, unknown>>) =>
  (name: string): string => {
    choose(flag, names, name)
    return name
  }

export function readActivation(name: string): string {
  activationNamed(name as ActivationName)
  return name
}

export const fraction: Read = decimal('from 0 to below 1', (value) => value >= 0 && value < 1)
export const nonNegative: Read = decimal('>= 0', (value) => value >= 0)
export const positive: Read = decimal('> 0', (value) => value > 0)
