import { basename } from 'node:path'
import { Command } from 'commander'
import { take } from '../data/dataset.ts'
import { messageOf, OptionError } from '../errors.ts'
import type { Language } from '../lab/claims/claim.ts'
import type { Block, Table } from '../lab/document.ts'
import type { Figure } from '../lab/figure.ts'
import { ledger } from '../lab/ledger.ts'
import { ledgerFigure, ledgerTable } from '../lab/ledger-views.ts'
import { lensFigure, lensTable, lesionFigure, lesionTable } from '../lab/probe-views.ts'
import { lesion } from '../lab/probes/lesion.ts'
import { logitLens } from '../lab/probes/logit-lens.ts'
import { writeReport } from '../lab/report-files.ts'
import type { Dataset } from '../data/dataset.ts'
import { load } from '../train/compile.ts'
import type { Model } from '../train/model.ts'
import { examplesOf } from './held-out.ts'
import { addEngineFlags, count, type EngineFlags, engineOf, jsonFlag, langFlag } from './options.ts'
import { print, printJson, table } from './output.ts'

interface Flags extends EngineFlags {
  readonly data?: string
  readonly examples: number
  readonly only?: string
  readonly out?: string
  readonly lang: Language
  readonly json?: true
}

interface View {
  readonly result: unknown
  readonly table: Table
  readonly figure: Figure
}

/** What may be looked at, by name. */
const views: Readonly<Record<string, (model: Model, data: Dataset, lang: Language) => Promise<View>>> = {
  async ledger(model, data, lang) {
    const result = await ledger(model, data)
    return { result, table: ledgerTable(result, lang), figure: ledgerFigure(result, lang) }
  },
  async lesion(model, data, lang) {
    const result = await lesion(model, data)
    return { result, table: lesionTable(result, lang), figure: lesionFigure(result, lang) }
  },
  async lens(model, data, lang) {
    const result = await logitLens(model, data)
    return { result, table: lensTable(result, lang), figure: lensFigure(result, lang) }
  },
}

const titles = { en: (name: string): string => `Inside ${name}`, zh: (name: string): string => `${name} 的内部` }
const leads = {
  en: (examples: number, data: string): string => `Measured on ${examples} examples of ${data}.`,
  zh: (examples: number, data: string): string => `在 ${data} 的 ${examples} 个样本上测量。`,
}

const examples = `
  ledger  what each branch wrote into the residual stream, how much of it was kept, how much cancelled what was there
  lesion  what it costs to leave a block out
  lens    what the head makes of the stream at each depth

Examples:
  residua dissect runs/first
  residua dissect runs/first --only lesion,lens --examples 2000
  residua dissect runs/first --out runs/first --lang zh`

/** `residua dissect`: what the blocks of a trained model do. */
export function dissectCommand(): Command {
  const command = new Command('dissect')
    .description('what the blocks of a trained model do: residual-stream ledger, lesions, logit lens')
    .argument('<run>', 'run folder')
    .option('--data <source>', 'as residua eval takes it (default: what the training held out)')
    .option('--examples <n>', 'at most so many of them', count(1), 1000)
    .option('--only <names>', `some of ${Object.keys(views).join(', ')}, with commas between (default: all)`)
    .option('--out <folder>', 'write inside.html, inside.md and figures there')
    .addOption(langFlag())
  return addEngineFlags(command).addOption(jsonFlag('the figures')).addHelpText('after', examples).action(dissect)
}

function namesOf(only: string | undefined): string[] {
  const names = only?.split(',') ?? Object.keys(views)
  const unknown = names.find((name) => !Object.hasOwn(views, name))
  if (unknown === undefined) return names
  throw new OptionError(`dissect: --only: there is no '${unknown}'; there are ${Object.keys(views).join(', ')}`)
}

async function dissect(
  folder: string,
  { data, examples: most, only, out, lang, json, ...flags }: Flags,
): Promise<void> {
  const names = namesOf(only)
  const model = await load(folder, engineOf(flags))
  const all = await examplesOf(folder, model, data)
  const dataset = take(all, Math.min(most, all.size))
  const lead = leads[lang](dataset.size, all.name)
  const blocks: Block[] = []
  const results: Record<string, unknown> = { run: folder, step: model.step, data: all.name, examples: dataset.size }
  if (!json) print(lead)
  for (const name of names) {
    try {
      const view = await views[name]!(model, dataset, lang)
      blocks.push({ type: 'figure', figure: view.figure }, { type: 'table', table: view.table })
      results[name] = view.result
      if (!json) print(`\n${view.table.caption}\n\n${table([view.table.head, ...view.table.rows])}`)
    } catch (error) {
      if (!(error instanceof OptionError) || only !== undefined) throw error
      process.stderr.write(`residua: ${name}: ${messageOf(error)}\n`) // a net may have no stream, or no head, to look at
    }
  }
  await model.close()
  if (json) printJson(results)
  if (out === undefined) return
  const { html, markdown } = writeReport(out, 'inside', { title: titles[lang](basename(folder)), lead, blocks }, lang)
  if (!json) print(`\n${html}, ${markdown}`)
}
