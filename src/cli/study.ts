import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { parseDocument } from 'yaml'
import { DataError, messageOf, OptionError } from '../errors.ts'
import { readText } from '../files/disk.ts'
import { parseJson } from '../files/json.ts'
import { commitsText } from '../lab/study/origin.ts'
import { readStudy } from '../lab/study/read-study.ts'
import type { Language } from '../lab/claims/claim.ts'
import { studyReport, summaryTable, writeStudyReport } from '../lab/study/report.ts'
import { study as studyOf, type Study } from '../lab/study/study.ts'
import type { Summary } from '../lab/study/summary.ts'
import { cellsOf, type Plan } from '../lab/study/plan.ts'
import { type Experiment, isExperiment } from '../lab/experiment/experiment.ts'
import { printFindings, runShown } from './experiment-run.ts'
import { builtExperiment } from './experiments.ts'
import { takeInterrupts } from './interrupt.ts'
import { count, jsonFlag, langFlag } from './options.ts'
import { print, printable, printJson, table } from './output.ts'
import { studyProgress } from './study-progress.ts'
import { shellLine } from './train-command.ts'

interface Flags {
  readonly folder?: string
  readonly workers?: number
  readonly probeEvery?: number
  readonly show?: true
  readonly short?: true
  readonly lang: Language
  readonly json?: true
  readonly quiet?: true
}

const examples = `
A study is a JSON or YAML file, or a module whose default export is lab.study({ ... }):
  {"question":"Which wirings train a 32-block MLP?","task":{"name":"mnist","options":{"depth":32,"width":64}},
   "arms":{"grid":{"skip":["none","identity"],"norm":["none","layer"]}},
   "learningRates":[3e-4,1e-3,3e-3],"seeds":3,"steps":400,"metric":"accuracy"}

Examples:
  residua study depth-32.json
  residua study depth-32.json --show --lang zh
  residua study experiments/depth-degradation.ts --short --workers 2

Ctrl-C finishes the steps in progress and stores the cells; the same command goes on. What is there already is kept, and
several processes may work on one folder. plan.json, results, summary.json and report.html go to runs/studies/NAME.`

/** `residua study`: runs a study, or goes on with one, and says what it has come to. */
export function studyCommand(): Command {
  return new Command('study')
    .description('compare arms at several learning rates and seeds, and judge by a rule that was written before')
    .argument('<file>', 'a .json or .yaml file, or a module (.js, .mjs, .ts) that exports a study or an experiment')
    .option(
      '--folder <folder>',
      'where the study is (default: runs/studies/NAME), or trials of an experiment (default: runs/experiments)',
    )
    .option('--workers <n>', 'cells side by side (default: one per core)', count(1, 256))
    .option(
      '--probe-every <steps>',
      'measure gradient and activations every so many steps (default: as the file says, else never)',
      count(0),
    )
    .option('--short', 'of an experiment of the claim book: its short form')
    .option('--show', 'only say what the results that are there say')
    .addOption(langFlag())
    .addOption(jsonFlag('the summary'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', examples)
    .action(run)
}

const isStudy = (value: unknown): value is Study =>
  typeof value === 'object' && value !== null && 'plan' in value && 'run' in value && 'summary' in value

async function readModule(file: string): Promise<Study | Experiment> {
  const built = builtExperiment(file)
  if (built === null && !existsSync(file)) throw new DataError(`${file}: it is missing: check the path`)
  let loaded: { readonly default?: unknown }
  try {
    loaded = (await import(pathToFileURL(built ?? resolve(file)).href)) as { readonly default?: unknown }
  } catch (error) {
    const hint = file.endsWith('.ts')
      ? '. Node 22.18 or newer runs TypeScript; else build it, and give the .js file'
      : ''
    throw new DataError(`${file}: it cannot be loaded: ${messageOf(error)}${hint}`)
  }
  if (isStudy(loaded.default) || isExperiment(loaded.default)) return loaded.default
  throw new DataError(`${file}: expected a study or an experiment as default export: export default lab.study({ ... })`)
}

function parseYaml(text: string, where: string): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: true })
    const [wrong] = [...document.errors, ...document.warnings]
    if (wrong !== undefined) throw wrong
    return document.toJS()
  } catch (error) {
    throw new DataError(`${where}: expected YAML, got ${messageOf(error).split(/:?\n/)[0]!}`)
  }
}

function studyIn(file: string): Promise<Study | Experiment> | Study {
  if (file.endsWith('.json')) return readStudy(parseJson(readText(file), file), file)
  return /\.ya?ml$/.test(file) ? readStudy(parseYaml(readText(file), file), file) : readModule(file)
}

/** What is wrong in a file is no wrong command line: OptionErrors become DataErrors that name the file. */
async function inFile<T>(file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    const { message } = error
    throw new DataError(message.startsWith(file) ? message : `${file}: ${message}`, { cause: error })
  }
}

async function run(file: string, flags: Flags): Promise<void> {
  const { probeEvery, show, short } = flags
  const asked = await inFile(file, () => studyIn(file))
  if (isExperiment(asked)) {
    const foreign = Object.entries({ show, 'probe-every': probeEvery }).find(([, value]) => value !== undefined)
    if (foreign) throw new OptionError(`study: --${foreign[0]}: ${file} is an experiment, which has none; leave it out`)
    const record = await runShown(asked, flags)
    if (record !== null && flags.json) printJson(record)
    else if (record !== null) printFindings(record, flags.lang)
    return
  }
  if (short) throw new OptionError(`study: --short: ${file} is a study, which has no short form; leave it out`)
  const study = probeEvery === undefined ? asked : studyOf({ ...asked.options, probeEvery })
  const folder = flags.folder ?? `runs/studies/${basename(file).replace(/\.\w+$/, '')}`
  const plan = await inFile(file, () => study.plan())
  if (show) {
    report(plan, await study.summary(folder), folder, [], flags)
    return
  }
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  const { workers } = flags
  const done = await study.summary(folder).then(
    ({ cells }) => cells.done,
    () => 0,
  )
  const progress = flags.quiet ? null : studyProgress(cellsOf(plan).length, plan.steps, done)
  try {
    const { summary } = await study.run({
      ...{ folder, signal },
      ...(workers === undefined ? {} : { workers }),
      onEvent: (event) => progress?.see(event),
    })
    progress?.done()
    report(plan, summary, folder, writeStudyReport(folder, plan, summary, flags.lang), flags)
  } catch (error) {
    progress?.done()
    if (!signal.aborted) throw error
    process.stderr.write(`residua: stopped; go on with: residua study ${shellLine([file, ...given(flags)])}\n`)
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** The flags that the same study needs once more. */
const given = ({ folder, probeEvery }: Flags): string[] => [
  ...(folder === undefined ? [] : ['--folder', folder]),
  ...(probeEvery === undefined ? [] : ['--probe-every', String(probeEvery)]),
]

function report(plan: Plan, summary: Summary, folder: string, files: readonly string[], { lang, json }: Flags): void {
  if (json) {
    printJson({ folder, ...summary })
    return
  }
  const { head, rows, caption } = summaryTable(plan, summary, lang)
  print(`\n${table([head, ...rows])}\n\n${caption}\n`)
  print(studyReport(plan, summary, lang).lead)
  if (summary.commits.length > 1) print(printable(commitsText(summary.commits)[lang]))
  if (files.length > 0) print(`\n${files.join(', ')}`)
}
