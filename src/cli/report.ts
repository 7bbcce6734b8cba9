import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { DataError } from '../errors.ts'
import type { Language } from '../lab/claims/claim.ts'
import type { Report } from '../lab/document.ts'
import { writeReport } from '../lab/report-files.ts'
import { runReport } from '../lab/run-report.ts'
import { readStoredRun } from '../lab/run-report-data.ts'
import { studyReport } from '../lab/study/report.ts'
import { runPaths } from '../train/files/paths.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printable, printJson } from './output.ts'
import { settingsSchema } from './settings.ts'
import { readToldStudy } from './stored-study.ts'
import { trainCommandLine } from './train-command.ts'

interface Flags {
  readonly out?: string
  readonly lang: Language
  readonly json?: true
}

const examples = `
Examples:
  residua report runs/first
  residua report runs/studies/depth-32 --lang zh
  residua report runs/first --out reports/first
  residua report runs/first --json

report.html needs no server and loads nothing; report.md and the figures (SVG) lie beside it.`

/** `residua report`: the whole story of a run or a study as a page. */
export function reportCommand(): Command {
  return new Command('report')
    .description('write the whole story of a run or of a study as HTML and Markdown')
    .argument('<folder>', 'of a run or a study')
    .option('--out <folder>', 'where the report goes (default: the same folder)')
    .addOption(langFlag())
    .addOption(jsonFlag('the report'))
    .addHelpText('after', examples)
    .action(report)
}

function reportOf(folder: string, lang: Language): Report {
  if (existsSync(runPaths(folder).run)) {
    const run = readStoredRun(folder)
    const { data: settings } = settingsSchema.safeParse(run.note.settings) // a program may keep another note
    return runReport(run, settings ? trainCommandLine(settings) : null, lang)
  }
  if (existsSync(join(folder, 'plan.json'))) {
    const { plan, summary } = readToldStudy(folder)
    return studyReport(plan, summary, lang)
  }
  throw new DataError(
    `${folder}: expected the folder of a run (run.json) or of a study (plan.json), got neither. Check the path; residua runs lists runs`,
  )
}

function report(folder: string, { out = folder, lang, json }: Flags): void {
  const told = reportOf(folder, lang)
  const files = writeReport(out, 'report', told, lang)
  if (json) {
    printJson({ folder, files, ...told })
    return
  }
  print(`${printable(told.title)}\n\n${printable(told.lead)}\n\n${files.html}, ${files.markdown}`)
}
