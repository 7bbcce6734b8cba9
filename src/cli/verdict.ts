import { Command } from 'commander'
import { DataError } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { exactJson, type JsonObject } from '../files/json.ts'
import type { Language } from '../lab/claims/claim.ts'
import { findingWords } from '../lab/claims/finding-blocks.ts'
import { type Difference, differences, shown } from '../lab/compare-differences.ts'
import { numberText } from '../lab/document.ts'
import { commitsText } from '../lab/study/origin.ts'
import { hasStudyFile, type StoredStudy, studyFileOf } from '../lab/study/stored-study.ts'
import { bandText } from '../lab/verdict/bilingual.ts'
import { type Evidence, type Verdict, verdictText } from '../lab/verdict/verdict.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printable, printJson } from './output.ts'
import { readToldStudy } from './stored-study.ts'
import { shellWord } from './train-command.ts'
import { verdictWords } from './verdict-words.ts'

interface Flags {
  readonly studyFile?: string
  readonly lang: Language
  readonly json?: true
}

const examples = `
Examples:
  residua verdict runs/studies/depth-32
  residua verdict runs/studies/depth-32 --lang zh
  residua verdict runs/studies/depth-32 --json
  residua verdict runs/studies/depth-32 --study-file again.json

Nothing is trained: plan.json holds the rule, results/ what was measured. The exit code is 1 where summary.json says
something else than the results do, or where plan or results were edited.`

/** `residua verdict`: judges a study again from what its folder holds. */
export function verdictCommand(): Command {
  return new Command('verdict')
    .description('judge a study again from its stored plan and results')
    .argument('<folder>', 'of the study')
    .option('--study-file <file>', 'write the study there, as a file that residua study runs')
    .addOption(langFlag())
    .addOption(jsonFlag('the verdict'))
    .addHelpText('after', examples)
    .action(verdict)
}

/** Where the stored summary says something else than the results; nothing where none is stored. */
const departures = ({ summary, stored }: StoredStudy): Difference[] =>
  stored === null ? [] : differences([stored, JSON.parse(JSON.stringify(summary)) as JsonObject])

function verdict(folder: string, { studyFile, lang, json }: Flags): void {
  const study = readToldStudy(folder)
  const { plan, summary } = study
  const departing = departures(study)
  if (studyFile !== undefined) writeAtomic(studyFile, exactJson(studyFileOf(plan), studyFile))
  const { question, metric, cells, commits, verdict: found } = summary
  if (json) {
    const follows = study.stored === null ? null : departing.length === 0
    const judged = { folder, question, metric, cells, commits, verdict: found, rule: plan.rule }
    printJson({ ...judged, follows, departures: departing })
  } else show(folder, study, lang, studyFile)
  if (departing.length > 0) throw new DataError(departed(folder, study, departing))
}

function departed(folder: string, { digested }: StoredStudy, departing: readonly Difference[]): string {
  const brief = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)
  const list = departing
    .slice(0, 3)
    .map(({ path, values: [before, now] }) =>
      printable(`${path} is ${brief(shown(before))} there and ${brief(shown(now))} by the results`),
    )
  const more = departing.length > 3 ? `; ${departing.length - 3} more` : ''
  const sources = digested ? 'the results' : 'the results, or plan.json, which carries no digest, was edited'
  return `${folder}/summary.json: it no longer follows from ${sources}: ${list.join('; ')}${more}. Run the study again with this folder: it keeps the results and writes the summary anew`
}

const evidenceText = ({ what, band, effect, p }: Evidence, lang: Language): string =>
  [
    `${what[lang]}${verdictWords[lang].colon} ${bandText(band)[lang]}`,
    ...(effect == null ? [] : [`d=${numberText(effect, 3)}`]),
    ...(p === undefined ? [] : [`p=${numberText(p, 3)}`]),
  ].join(verdictWords[lang].comma)

/** What is said of a verdict, by its headings. */
const sectionsOf = ({ evidence, against, wouldChange }: Verdict, lang: Language): (readonly [string, string[]])[] => {
  const say = verdictWords[lang]
  return [
    [say.evidence, evidence.map((one) => evidenceText(one, lang))],
    [say.against, against.map((text) => text[lang])],
    [say.change, [wouldChange[lang]]],
  ]
}

function show(folder: string, { plan, summary, stored }: StoredStudy, lang: Language, file = 'again.json'): void {
  const say = verdictWords[lang]
  const { question, cells, commits, verdict: found } = summary
  print(`${printable(question)}\n`)
  if (found === null) print(say.missing(cells.done, cells.total))
  else print(`${printable(verdictText(found)[lang])}\n${say.strength(findingWords[lang].strengths[found.strength])}`)
  if (commits.length > 1) print(printable(commitsText(commits)[lang]))
  const sections = [
    ...(found === null ? [] : sectionsOf(found, lang)),
    [say.rule, [JSON.stringify(plan.rule)]] as const,
    ...(stored === null ? [[say.summary, [say.noSummary]] as const] : []),
  ]
  for (const [title, items] of sections)
    if (items.length > 0) print([`\n${title}${say.colon}`, ...items.map((item) => `- ${printable(item)}`)].join('\n'))
  if (!hasStudyFile(plan)) return
  print(`\n${say.again}${say.colon}`)
  print(`  residua verdict ${shellWord(folder)} --study-file ${shellWord(file)}\n  residua study ${shellWord(file)}`)
}
