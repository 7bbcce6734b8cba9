import { Command, InvalidArgumentError, Option } from 'commander'
import { writeAtomic } from '../files/atomic.ts'
import { bookReport } from '../lab/claims/book.ts'
import type { Claim, Language, PaperResult } from '../lab/claims/claim.ts'
import { claims } from '../lab/claims/claims.ts'
import { claimResults, findingText, findingWords, settingTexts, standingText } from '../lab/claims/finding-blocks.ts'
import { claimOf, experimentOf } from '../lab/claims/look-up.ts'
import { paperBookReport, paperStanding } from '../lab/claims/paper-book.ts'
import { papers as paperResults } from '../lab/claims/papers.ts'
import {
  pilotBlocks,
  pilotJson,
  pilotsOn,
  pilotSummaries,
  pilotSummary,
  type PilotSummary,
  pilotTables,
} from '../lab/claims/pilot-summary.ts'
import { type BearingFinding, standingOf } from '../lab/claims/standing.ts'
import { words } from '../lab/claims/words.ts'
import { changesSince, type ExperimentRecord } from '../lab/experiment/record.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { recordTable } from '../lab/experiment/record-table.ts'
import { sourceOf } from '../lab/experiment/source.ts'
import { htmlReport } from '../lab/html.ts'
import { markdownReport } from '../lab/markdown.ts'
import { OptionError } from '../errors.ts'
import { claimsCheckCommand } from './claims-check.ts'
import { claimsRunCommand } from './claims-run.ts'
import { printFindings } from './experiment-run.ts'
import { experimentWith } from './experiments.ts'
import { langFlag } from './options.ts'
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
  residua claims --papers --out papers.md
  residua claims --papers --json`

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
    .addOption(new Option('--json', 'print JSON: one array of all claims (or papers), or one object for an entry'))
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

/** Ids of the experiments whose files were changed after these records of them. */
async function changedSince(records: readonly ExperimentRecord[]): Promise<ReadonlySet<string>> {
  const changed = new Set<string>()
  for (const record of records) {
    const experiment = await experimentWith(record.experiment)
    if (experiment !== null && changesSince(record, experiment, sourceOf(experiment)).changed)
      changed.add(record.experiment)
  }
  return changed
}

const findingsJson = (findings: readonly BearingFinding[], changed: ReadonlySet<string>): object[] =>
  findings.map(({ record: { experiment, form, date, commit }, says, bearing, verdict }) => ({
    ...{ experiment, form, date, commit, changed: changed.has(experiment), says, bearing, verdict },
  }))

function claimJson(
  claim: Claim,
  records: readonly ExperimentRecord[],
  summaries: readonly PilotSummary[],
  changed: ReadonlySet<string>,
): object {
  const { findings, ...standing } = standingOf(claim, records)
  const pilots = pilotsOn(claim, summaries).map(({ experiment, counts }) => ({ experiment, counts }))
  return { ...claim, ...standing, findings: findingsJson(findings, changed), pilots }
}

function paperJson(paper: PaperResult, records: readonly ExperimentRecord[], changed: ReadonlySet<string>): object {
  const { findings, ...standing } = paperStanding(paper, records)
  return { ...paper, ...standing, findings: findingsJson(findings, changed) }
}

/** Throws OptionError for flags that do not go together. */
function checkFlags(entry: number | string | undefined, { papers, out, json }: Flags): void {
  if (entry !== undefined && papers)
    throw new OptionError(`claims: --papers is a book of its own, without numbers; leave ${entry} or --papers away`)
  if (out === undefined) return
  if (entry !== undefined) throw new OptionError('claims: --out writes a whole book; leave the number away')
  if (!/\.(md|html)$/.test(out))
    throw new OptionError(`claims: --out: expected a file that ends in .md or .html, got '${out}'. Rename it`)
  if (json) throw new OptionError('claims: --out writes a book and --json prints; leave one of them away')
}

async function show(entry: number | string | undefined, flags: Flags): Promise<void> {
  checkFlags(entry, flags)
  const { lang, results, papers, out, json } = flags
  const records = readRecords(results)
  if (json && entry === undefined) {
    const changed = await changedSince(records)
    const summaries = pilotSummaries(records)
    printJson(
      papers
        ? paperResults.map((paper) => paperJson(paper, records, changed))
        : claims.map((claim) => claimJson(claim, records, summaries, changed)),
    )
  } else if (papers || out !== undefined) await showBook(records, flags)
  else if (entry === undefined) print(table(claims.map((claim) => row(claim, records, lang))))
  else if (typeof entry === 'number') await showClaim(claimOf(entry), records, flags)
  else {
    const { id } = experimentOf(entry)
    const record = records.find(({ experiment }) => experiment === id)
    if (record === undefined)
      throw new OptionError(`claims: there is no record of ${entry} in ${results}; run it: residua claims run ${entry}`)
    await showExperiment(record, flags)
  }
}

async function showBook(records: readonly ExperimentRecord[], { lang, papers, out }: Flags): Promise<void> {
  const changed = await changedSince(records)
  const report = papers
    ? paperBookReport(lang, records, changed)
    : bookReport(lang, claimResults(records, lang, changed), pilotBlocks(records, lang))
  const text = out?.endsWith('.html') ? htmlReport(report, lang) : markdownReport(report, lang)
  if (out === undefined) print(text)
  else {
    writeAtomic(out, text)
    print(out)
  }
}

/** Verdicts, figures, and how they stand to the pilots. */
async function showExperiment(record: ExperimentRecord, { lang, json }: Flags): Promise<void> {
  const pilots = pilotSummary(record)
  const changed = (await changedSince([record])).has(record.experiment)
  if (json) {
    printJson({ ...record, changed, ...(pilots === null ? {} : { pilots: pilotJson(pilots) }) })
    return
  }
  printFindings(record, lang)
  if (changed) print(`\n${findingWords[lang].changed}`)
  for (const { caption, head, rows } of [recordTable(record, lang), ...(pilots ? pilotTables(pilots, lang) : [])])
    print(`\n${caption}\n${table([head, ...rows])}`)
  if (pilots) print(`\n${pilots.sentence[lang]}`)
}

function row(claim: Claim, records: readonly ExperimentRecord[], lang: Language): string[] {
  const { id, experiments, statement } = claim
  return [String(id), standingText(standingOf(claim, records), lang), experiments.join(' ') || '-', statement[lang]]
}

async function showClaim(claim: Claim, records: readonly ExperimentRecord[], { lang, json }: Flags): Promise<void> {
  const standing = standingOf(claim, records)
  const summaries = pilotSummaries(records)
  const changed = await changedSince(standing.findings.map(({ record }) => record))
  if (json) {
    printJson(claimJson(claim, records, summaries, changed))
    return
  }
  const say = words[lang]
  const { id, statement, where, assessment, correct, experiments } = claim
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
  for (const finding of standing.findings) print(`\n${findingText(finding, lang, changed)}`)
  for (const setting of settingTexts(standing.findings, lang)) print(`\n${setting}`)
  for (const { counts } of pilotsOn(claim, summaries)) print(`\n${counts[lang]}`)
}
