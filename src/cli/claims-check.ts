import { Command } from 'commander'
import { changesSince, checkRecord } from '../lab/experiment/record.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { sourceOf } from '../lab/experiment/source.ts'
import { OptionError } from '../errors.ts'
import { experimentWith } from './experiments.ts'
import { jsonFlag } from './options.ts'
import { print, printJson } from './output.ts'

const examples = `
Examples:
  residua claims check
  residua claims check runs/claims --json

It fails where a stored verdict no longer follows from its stored results, and where a rule, or what a statement bears on,
was changed after the run, or a statement has no verdict.`

/** `residua claims check`: whether stored verdicts follow from stored results. */
export function claimsCheckCommand(): Command {
  return new Command('check')
    .description('judge stored results again: do the stored verdicts follow from them?')
    .argument('[folder]', 'with records of experiments', ownRecords)
    .addOption(jsonFlag('what was found'))
    .addHelpText('after', examples)
    .action(check)
}

async function check(folder: string, { json }: { readonly json?: true }): Promise<void> {
  const records = readRecords(folder)
  if (records.length === 0) throw new OptionError(`claims check: ${folder}: there is no record of an experiment`)
  const wrong: string[] = []
  const changed: string[] = []
  let verdicts = 0
  for (const record of records) {
    verdicts += Object.keys(record.findings).length
    wrong.push(...checkRecord(record))
    const experiment = await experimentWith(record.experiment)
    if (experiment === null) continue
    const since = changesSince(record, experiment, sourceOf(experiment))
    const tell = (names: readonly string[], what: string): void => {
      wrong.push(...names.map((name) => `${record.experiment}: ${name}: ${what}`))
    }
    tell(since.rules, 'its rule was changed after the run')
    tell(since.bearings, 'the claims or papers that it bears on were changed after the run')
    tell(since.missing, 'the record has no verdict on it')
    if (since.changed) changed.push(record.experiment)
  }
  if (json) printJson({ records: records.length, verdicts, wrong, changed })
  else {
    for (const line of wrong) print(line)
    if (changed.length > 0) print(`changed since they were run: ${changed.join(', ')}`)
    print(
      `${verdicts} verdicts of ${records.length} experiments: ${wrong.length === 0 ? 'all follow from their results' : `${wrong.length} do not`}`,
    )
  }
  if (wrong.length > 0) process.exitCode = 1
}
