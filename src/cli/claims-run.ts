import { existsSync, mkdirSync } from 'node:fs'
import { Command } from 'commander'
import { OptionError, ResiduaError } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { exactJson } from '../files/json.ts'
import { experiments } from '../lab/claims/experiments.ts'
import { claimOf, experimentOf } from '../lab/claims/look-up.ts'
import type { Language } from '../lab/claims/claim.ts'
import type { Experiment } from '../lab/experiment/experiment.ts'
import { readRecord } from '../lab/experiment/record.ts'
import { recordPath } from '../lab/experiment/records.ts'
import { experimentWith } from './experiments.ts'
import { type ExperimentFlags, printFindings, runShown } from './experiment-run.ts'
import { count, jsonFlag, langFlag } from './options.ts'
import { print, printJson } from './output.ts'

interface Flags extends ExperimentFlags {
  readonly results?: string
  readonly json?: true
}

const examples = `
Examples:
  residua claims run 9 37 53
  residua claims run E7 --short
  residua claims run 37 --results results

Trials are kept in runs/experiments/; Ctrl-C loses none that is done, and the same command goes on.`

/** `residua claims run`: the experiments behind claims. */
export function claimsRunCommand(): Command {
  return new Command('run')
    .description('run the experiments behind claims, and judge')
    .argument('<what...>', 'numbers of claims, or ids of experiments (E1 to E48)')
    .option('--short', 'the short form: under a minute each, marked so')
    .option('--folder <folder>', 'where trials are kept (default: runs/experiments)')
    .option('--results <folder>', 'keep the records there, as residua claims reads them')
    .option('--workers <n>', 'trials side by side (default: one per core)', count(1, 256))
    .addOption(langFlag())
    .addOption(jsonFlag('the records'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', examples)
    .action(run)
}

/** Ids of experiments, each once, for claims and experiments as they were asked for. */
function idsOf(what: readonly string[]): string[] {
  const ids = what.flatMap((text) => {
    if (!/^\d+$/.test(text)) return [text]
    const { id, experiments: behind } = claimOf(Number(text))
    if (behind.length === 0)
      throw new OptionError(`claims run: claim ${id} has no experiment; see residua claims ${id}`)
    return behind
  })
  for (const id of ids) experimentOf(id)
  const wanted = new Set(ids.map((id) => id.replace(/[a-z]$/, '')))
  return experiments.map(({ id }) => id).filter((id) => wanted.has(id))
}

/** Throws OptionError where the record that would be kept is of the short form, and the one that is there of the full. */
function needKept(id: string, { short, results }: Flags): void {
  const path = results === undefined ? null : recordPath(results, id)
  if (!short || path === null || !existsSync(path) || readRecord(path).form === 'short') return
  throw new OptionError(`claims run: ${path}: the short form would replace the full one; choose another --results`)
}

/** Those that can be run; the others are told on standard error. Throws ResiduaError where none can be. */
async function runnable(ids: readonly string[], lang: Language): Promise<Experiment[]> {
  const found: Experiment[] = []
  const reasons: string[] = []
  for (const id of ids) {
    const { pending } = experimentOf(id)
    const experiment = pending ? null : await experimentWith(id)
    if (experiment) found.push(experiment)
    else reasons.push(`${id}: ${pending?.[lang] ?? 'There is no file for it yet.'}`)
  }
  if (found.length === 0)
    throw new ResiduaError(
      `claims run: nothing was run. ${reasons.join(' ')} Choose another: residua claims --out claims.md lists them`,
    )
  for (const reason of reasons) process.stderr.write(`residua: left out: ${reason}\n`)
  return found
}

async function run(what: readonly string[], flags: Flags): Promise<void> {
  const ids = idsOf(what)
  for (const id of ids) needKept(id, flags)
  for (const experiment of await runnable(ids, flags.lang)) {
    const { id } = experiment
    const record = await runShown(experiment, flags)
    if (record === null) return
    if (flags.results !== undefined) {
      mkdirSync(flags.results, { recursive: true })
      writeAtomic(recordPath(flags.results, id), exactJson(JSON.parse(JSON.stringify(record)), 'record'))
    }
    if (flags.json) printJson(record)
    else printFindings(record, flags.lang)
  }
  if (!flags.json) print('')
}
