#!/usr/bin/env node
/** `residua`: results on standard output, everything else on standard error; errors are one line. */
import { Command, CommanderError } from 'commander'
import { messageOf, OptionError } from '../errors.ts'
import { systemCode } from '../files/disk.ts'
import { ownVersion } from '../train/versions.ts'
import { adviseCommand } from './advise.ts'
import { articleCommand } from './article.ts'
import { claimsCommand } from './claims.ts'
import { compareCommand } from './compare.ts'
import { dataCommand } from './data.ts'
import { dissectCommand } from './dissect.ts'
import { evalCommand } from './eval.ts'
import { exportCommand } from './export.ts'
import { finetuneCommand } from './finetune.ts'
import { forecastCommand } from './forecast.ts'
import { generateCommand } from './generate.ts'
import { importCommand } from './import.ts'
import { inspectCommand } from './inspect.ts'
import { predictCommand } from './predict.ts'
import { probeCommand } from './probe.ts'
import { reportCommand } from './report.ts'
import { runsCommand } from './runs.ts'
import { studyCommand } from './study.ts'
import { trainCommand } from './train.ts'
import { verdictCommand } from './verdict.ts'
import { wiringsCommand } from './wirings.ts'

const examples = `
Examples:
  residua train mlp --data mnist --depth 8 --run runs/first
  residua eval runs/first
  residua data prepare --text corpus.txt --tokenizer bpe:4096 --out data/corpus
  residua train gpt --data data/corpus --run runs/gpt
  residua runs
  residua compare runs/first runs/second
  residua report runs/first
  residua forecast --depth 32
  residua probe --kind transformer --depth 6..48
  residua wirings
  residua study depth-32.json
  residua verdict runs/studies/depth-32
  residua claims 9
  residua article

'residua <command> --help' shows the options of a command.`

function program(): Command {
  const root = new Command('residua')
    .description('Train deep residual networks and see what residual connections and normalization do to them.')
    .version(ownVersion(), '--version')
    .enablePositionalOptions() // what stands behind a subcommand is its own
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  const commands = [
    dataCommand(),
    trainCommand(),
    evalCommand(),
    dissectCommand(),
    predictCommand(),
    inspectCommand(),
    generateCommand(),
    importCommand(),
    finetuneCommand(),
    exportCommand(),
    runsCommand(),
    compareCommand(),
    reportCommand(),
    forecastCommand(),
    probeCommand(),
    adviseCommand(),
    wiringsCommand(),
    studyCommand(),
    verdictCommand(),
    claimsCommand(),
    articleCommand(),
  ]
  for (const command of commands) {
    root.addCommand(command.copyInheritedSettings(root))
    for (const sub of command.commands) sub.copyInheritedSettings(command)
  }
  return root
}

/** Says in one line what went wrong, and returns the exit code: 2 for a wrong command line, else 1. */
function fail(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  if (error instanceof CommanderError && error.code === 'commander.help') return 2
  const text = messageOf(error).replace(/^error: /, '')
  const line = text.replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?').replace(/\s*\n\s*/g, '; ')
  process.stderr.write(`residua: ${line}\n`)
  return error instanceof CommanderError || error instanceof OptionError ? 2 : 1
}

/** Whoever read the output has seen enough: a training stores a checkpoint and ends, other commands just end. */
process.stdout.on('error', (error) => {
  if (systemCode(error) !== 'EPIPE') throw error
  if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM')
  else process.exit(0)
})

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = fail(error)
}
