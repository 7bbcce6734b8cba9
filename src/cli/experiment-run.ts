import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { type Experiment, type Form } from '../lab/experiment/experiment.ts'
import type { ExperimentRecord } from '../lab/experiment/record.ts'
import { runExperiment, trialsOf } from '../lab/experiment/run.ts'
import { decisionText, findingWords, foundText } from '../lab/claims/finding-blocks.ts'
import { experimentOf } from '../lab/claims/look-up.ts'
import type { Language } from '../lab/claims/claim.ts'
import { words } from '../lab/claims/words.ts'
import { takeInterrupts } from './interrupt.ts'
import { print } from './output.ts'
import { studyProgress } from './study-progress.ts'

export interface ExperimentFlags {
  readonly short?: true
  readonly folder?: string
  readonly workers?: number
  readonly quiet?: true
  readonly lang: Language
}

/** What was found, for people. */
export function printFindings({ experiment, findings, form }: ExperimentRecord, lang: Language): void {
  print(
    `\n${experiment}. ${experimentOf(experiment).question[lang]}${form === 'short' ? words[lang].aside(findingWords[lang].short) : ''}`,
  )
  const { setting } = experimentOf(experiment)
  if (setting) print(`  ${setting[lang]}`)
  for (const { says, verdict } of Object.values(findings)) {
    print(`\n  ${says[lang]}\n  ${words[lang].labelled(decisionText(verdict, lang), foundText(verdict)[lang])}`)
    for (const against of verdict.against) print(`  - ${against[lang]}`)
  }
}

/**
 * Runs an experiment with its progress on standard error; null where Ctrl-C ended it, with what is done kept.
 */
export async function runShown(experiment: Experiment, flags: ExperimentFlags): Promise<ExperimentRecord | null> {
  const form: Form = flags.short ? 'short' : 'full'
  const { id, minutes, full, short } = experiment
  const folder = join(flags.folder ?? 'runs/experiments', `${id}-${form}`)
  const { steps } = (flags.short ? short : full) as { readonly steps?: number }
  const total = trialsOf(experiment, form).length
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  if (!flags.quiet)
    process.stderr.write(`${id} (${form}): ${total} trials, about ${minutes[form]} min on two cores, in ${folder}\n`)
  const show = flags.quiet ? null : studyProgress(total, steps ?? 0, 0)
  try {
    const { workers } = flags
    const record = await runExperiment(experiment, {
      ...{ folder, form, signal, onEvent: (event) => show?.see(event) },
      ...(workers === undefined ? {} : { workers }),
    })
    show?.done()
    return record
  } catch (error) {
    show?.done()
    if (!signal.aborted) throw error
    process.stderr.write(`residua: stopped (${messageOf(signal.reason)}); the same command goes on\n`)
    process.exitCode = interrupt.exitCode
    return null
  } finally {
    interrupt.release()
  }
}
