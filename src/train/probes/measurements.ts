import { OptionError } from '../../errors.ts'
import type { Value } from '../../graph/value.ts'
import { choose } from '../../nn/options.ts'
import type { Net, Step } from './probe.ts'
import { defaultProbes, type ProbeName, type Probes, probes } from './table.ts'

/** One scalar that a probed step returns. */
export interface Measurement {
  readonly name: ProbeName
  readonly path: string
  readonly value: (step: Step) => Value
}

/** Everything that the probes asked for measure of a net. */
export function measurements(net: Net, asked: Probes = defaultProbes): Measurement[] {
  const names = asked === 'all' ? (Object.keys(probes) as ProbeName[]) : asked
  return names.flatMap((name) => probes[name].of(net).map(([path, value]) => ({ name, path, value })))
}

/** Throws OptionError for a name that is not known, and for a probe that finds nothing in this net. */
export function needProbes(where: string, asked: unknown, net: Net): void {
  if (asked === 'all' || asked === undefined) return
  if (!Array.isArray(asked))
    throw new OptionError(`${where}: expected 'all' or a list of names, got ${JSON.stringify(asked)}`)
  for (const name of asked as string[]) {
    const { kind, of } = choose(where, probes, name)
    if (of(net).length === 0) {
      throw new OptionError(`${where}: '${name}' is taken of ${kind}, and the net has none; leave it out, or use 'all'`)
    }
  }
}
