import { Command, InvalidArgumentError } from 'commander'
import { writeAtomic } from '../files/atomic.ts'
import { bookReport } from '../lab/claims/book.ts'
import { type Claim, type Language } from '../lab/claims/claim.ts'
import { claims } from '../lab/claims/claims.ts'
import { claimResults, findingText, standingText } from '../lab/claims/finding-blocks.ts'
import { claimOf } from '../lab/claims/look-up.ts'
import { paperBookReport } from '../lab/claims/paper-book.ts'
import {
  pilotBlocks,
  pilotJson,
  pilotsOn,
  pilotSummaries,
  pilotSummary,
  type PilotSummary,
  pilotTables,
} from '../lab/claims/pilot-summary.ts'
import { standingOf } from '../lab/claims/standing.ts'
import { words } from '../lab/claims/words.ts'
import type { ExperimentRecord } from '../lab/experiment/record.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { recordTable } from '../lab/experiment/record-table.ts'
import { htmlReport } from '../lab/html.ts'
import { markdownReport } from '../lab/markdown.ts'
import { OptionError } from '../errors.ts'
import { claimsCheckCommand } from './claims-check.ts'
import { claimsRunCommand } from './claims-run.ts'
import { printFindings } from './experiment-run.ts'
import { jsonFlag, langFlag } from './options.ts'
import { pairs, print, printJson, table } from './output.ts'

interface Flags {
  readonly lang: Language
  readonly results: string
  readonly papers?: true
  readonly out?: string
  readonly json?: true
}

const examples = `
Examples:
  residua claims
  residua claims 9
  residua claims E3
  residua claims run 9 37 53
  residua claims check
  residua claims --lang zh --out claims.html
  residua claims --papers --out papers.md`

/** A number of a claim, or an id of an experiment. */
function readEntry(text: string): number | string {
  if (/^E\d+$/.test(text)) return text
  const id = Number(text)
  if (/^\d+$/.test(text) && id >= 1 && id <= claims.length) return id
  throw new InvalidArgumentError(`Expected a number from 1 to ${claims.length}, or an experiment such as E3.`)
}

/** `residua claims`: what the article says, what is right, and what was measured. */
export function claimsCommand(): Command {
  return new Command('claims')
    .enablePositionalOptions()
    .description("the article's 74 statements: what each says, what is right, and what was measured")
    .argument('[entry]', 'the number of one of them, or an experiment (E3)', readEntry)
    .option('--results <folder>', 'with records of experiments (default: those of this package)', ownRecords)
    .option('--papers', 'the second book: published results, with what was measured beside them')
    .addOption(langFlag())
    .option('--out <file>', 'write the whole book there: .md or .html')
    .addOption(jsonFlag('the claims'))
    .addHelpText('after', examples)
    .hook('preSubcommand', needNoFlags)
    .addCommand(claimsRunCommand())
    .addCommand(claimsCheckCommand())
    .action(show)
}

/** Throws OptionError for flags before the name of a subcommand, which has its own. */
function needNoFlags(command: Command, subcommand: Command): void {
  const early = Object.keys(command.opts()).find((flag) => command.getOptionValueSource(flag) === 'cli')
  if (early !== undefined)
    throw new OptionError(
      `claims: --${early} belongs behind the subcommand; see residua claims ${subcommand.name()} --help`,
    )
}

const jsonOf = (claim: Claim, records: readonly ExperimentRecord[], summaries: readonly PilotSummary[]): object => {
  const { findings, ...standing } = standingOf(claim, records)
  const briefly = findings.map(({ record: { experiment, form, date, commit }, says, bearing, verdict }) => ({
    ...{ experiment, form, date, commit, says, bearing, verdict },
  }))
  const pilots = pilotsOn(claim, summaries).map(({ experiment, counts }) => ({ experiment, counts }))
  return { ...claim, ...standing, findings: briefly, pilots }
}

function show(entry: number | string | undefined, { lang, results, papers, out, json }: Flags): void {
  const records = readRecords(results)
  if (papers || (entry === undefined && out !== undefined)) {
    const report = papers
      ? paperBookReport(lang, records)
      : bookReport(lang, claimResults(records, lang), pilotBlocks(records, lang))
    const text = out?.endsWith('.html') ? htmlReport(report, lang) : markdownReport(report, lang)
    if (out === undefined) print(text)
    else {
      writeAtomic(out, text)
      print(out)
    }
    return
  }
  if (out !== undefined) throw new OptionError('claims: --out writes a whole book; leave the number away')
  if (typeof entry === 'string') {
    const record = records.find(({ experiment }) => experiment === entry)
    if (record === undefined)
      throw new OptionError(`claims: there is no record of ${entry} in ${results}; run it: residua claims run ${entry}`)
    showExperiment(record, lang, json)
    return
  }
  if (json) {
    const summaries = pilotSummaries(records)
    const found = (claim: Claim): object => jsonOf(claim, records, summaries)
    printJson(entry === undefined ? claims.map(found) : found(claimOf(entry)))
    return
  }
  if (entry === undefined) {
    print(table(claims.map((claim) => row(claim, records, lang))))
    return
  }
  showClaim(claimOf(entry), records, lang)
}

/** Verdicts, figures, and how they stand to the pilots. */
function showExperiment(record: ExperimentRecord, lang: Language, json: true | undefined): void {
  const pilots = pilotSummary(record)
  if (json) {
    printJson(pilots === null ? record : { ...record, pilots: pilotJson(pilots) })
    return
  }
  printFindings(record, lang)
  for (const { caption, head, rows } of [recordTable(record, lang), ...(pilots ? pilotTables(pilots, lang) : [])])
    print(`\n${caption}\n${table([head, ...rows])}`)
  if (pilots) print(`\n${pilots.sentence[lang]}`)
}

function row(claim: Claim, records: readonly ExperimentRecord[], lang: Language): string[] {
  const { id, experiments, statement } = claim
  return [String(id), standingText(standingOf(claim, records), lang), experiments.join(' ') || '-', statement[lang]]
}

function showClaim(claim: Claim, records: readonly ExperimentRecord[], lang: Language): void {
  const say = words[lang]
  const { id, statement, where, assessment, correct, experiments } = claim
  const standing = standingOf(claim, records)
  print(`${id}. ${statement[lang]}\n`)
  print(
    pairs({
      [say.where]: where.map((place) => say.place(place)).join(say.semicolon),
      [say.assessment]: say.assessments[assessment],
      [say.correct]: correct[lang],
      [say.experiments]: experiments.join(say.comma) || say.none,
      [say.verdict]: standingText(standing, lang),
    }),
  )
  for (const finding of standing.findings) print(`\n${findingText(finding, lang)}`)
  for (const { counts } of pilotsOn(claim, pilotSummaries(records))) print(`\n${counts[lang]}`)
}
