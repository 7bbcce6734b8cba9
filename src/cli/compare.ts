import { Command } from 'commander'
import type { Language } from '../lab/claims/claim.ts'
import { compareRuns } from '../lab/compare.ts'
import { compareReport, figureTable, remarks, settingsTable } from '../lab/compare-report.ts'
import { writeReport } from '../lab/report-files.ts'
import { readStoredRun } from '../lab/run-report-data.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printable, printJson, table } from './output.ts'

interface Flags {
  readonly out?: string
  readonly lang: Language
  readonly json?: true
}

const examples = `
Examples:
  residua compare runs/plain runs/residual
  residua compare runs/article/norm-deep runs/article/residual-norm-deep --out runs/compared
  residua compare runs/a runs/b runs/c --lang zh
  residua compare runs/a runs/b --json

The first run is the baseline. Settings that all runs share are not listed. --out writes compare.html, compare.md and the
figures: loss curves, and the stream over depth where it was probed (residua train --probe-every).`

/** `residua compare`: runs side by side, and what they differ in. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('what runs differ in, and what they came to, beside a baseline')
    .argument('<runs...>', 'run folders, the baseline first')
    .option('--out <folder>', 'write compare.html, compare.md and the figures there')
    .addOption(langFlag())
    .addOption(jsonFlag('the comparison'))
    .addHelpText('after', examples)
    .action(compare)
}

/** A cell of a terminal's table; reports and JSON have all of it. */
const cell = (text: string): string => printable(text.length > 48 ? `${text.slice(0, 47)}…` : text)

function compare(folders: readonly string[], { out, lang, json }: Flags): void {
  const runs = folders.map(readStoredRun)
  const comparison = compareRuns(runs)
  const files = out === undefined ? null : writeReport(out, 'compare', compareReport(comparison, runs, lang), lang)
  if (json) {
    printJson({ ...comparison, files })
    return
  }
  for (const remark of remarks(comparison, lang)) print(printable(remark))
  for (const shown of [figureTable(comparison, lang), settingsTable(comparison, lang)])
    if (shown !== null)
      print(`\n${shown.caption}:\n\n${table([shown.head, ...shown.rows].map((row) => row.map(cell)))}`)
  if (files !== null) print(`\n${files.html}, ${files.markdown}`)
}
