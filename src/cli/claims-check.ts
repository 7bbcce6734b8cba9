import { Command } from 'commander'
import type { Language } from '../lab/claims/claim.ts'
import { changesSince, checkRecord } from '../lab/experiment/record.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { sourceOf } from '../lab/experiment/source.ts'
import { OptionError } from '../errors.ts'
import { experimentWith } from './experiments.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printJson } from './output.ts'

const examples = `
Examples:
  residua claims check
  residua claims check --lang zh
  residua claims check runs/claims --json

It fails where a stored verdict no longer follows from its stored results, and where a rule, or what a statement bears on,
was changed after the run, or a statement has no verdict.`

const words = {
  en: {
    colon: ': ',
    rules: 'its rule was changed after the run',
    bearings: 'the claims or papers that it bears on were changed after the run',
    missing: 'the record has no verdict on it',
    changed: (experiments: readonly string[]): string => `changed since they were run: ${experiments.join(', ')}`,
    total: (verdicts: number, records: number, wrong: number): string =>
      `${verdicts} verdicts of ${records} experiments: ${wrong === 0 ? 'all follow from their results' : `${wrong} do not`}`,
  },
  zh: {
    colon: '：',
    rules: '运行之后规则被改动',
    bearings: '运行之后它所涉及的论断或论文被改动',
    missing: '记录中没有对它的结论',
    changed: (experiments: readonly string[]): string => `运行之后有改动的实验：${experiments.join('、')}`,
    total: (verdicts: number, records: number, wrong: number): string =>
      `${records} 项实验的 ${verdicts} 条结论：${wrong === 0 ? '全部由其结果得出' : `有 ${wrong} 条不成立`}`,
  },
} as const

interface Flags {
  readonly lang: Language
  readonly json?: true
}

/** `residua claims check`: whether stored verdicts follow from stored results. */
export function claimsCheckCommand(): Command {
  return new Command('check')
    .description('judge stored results again: do the stored verdicts follow from them?')
    .argument('[folder]', 'with records of experiments', ownRecords)
    .addOption(langFlag())
    .addOption(jsonFlag('what was found'))
    .addHelpText('after', examples)
    .action(check)
}

async function check(folder: string, { lang, json }: Flags): Promise<void> {
  const say = words[lang]
  const records = readRecords(folder)
  if (records.length === 0) throw new OptionError(`claims check: ${folder}: there is no record of an experiment`)
  const wrong: string[] = []
  const changed: string[] = []
  let verdicts = 0
  for (const record of records) {
    verdicts += Object.keys(record.findings).length
    wrong.push(...checkRecord(record).map((text) => text[lang]))
    const experiment = await experimentWith(record.experiment)
    if (experiment === null) continue
    const since = changesSince(record, experiment, sourceOf(experiment))
    const tell = (names: readonly string[], what: string): void => {
      wrong.push(...names.map((name) => [record.experiment, name, what].join(say.colon)))
    }
    tell(since.rules, say.rules)
    tell(since.bearings, say.bearings)
    tell(since.missing, say.missing)
    if (since.changed) changed.push(record.experiment)
  }
  if (json) printJson({ records: records.length, verdicts, wrong, changed })
  else {
    for (const line of wrong) print(line)
    if (changed.length > 0) print(say.changed(changed))
    print(say.total(verdicts, records.length, wrong.length))
  }
  if (wrong.length > 0) process.exitCode = 1
}
