import { Command, Option } from 'commander'
import { OptionError } from '../errors.ts'
import type { Candidate, Judged } from '../lab/advice.ts'
import type { Language } from '../lab/claims/claim.ts'
import { rateDoubted, rates, type Recommendation, recommend } from '../lab/recommendation.ts'
import { recommendationText } from '../lab/recommendation-text.ts'
import type { ShortTraining } from '../lab/short-training.ts'
import { readStoredRuns } from '../lab/stored-runs.ts'
import type { CellEvent } from '../lab/study/pool.ts'
import { fewestSteps, kindNames, kinds, measuredNet, type NetWanted, settingArguments } from './advise-kinds.ts'
import { shellLine } from './train-command.ts'
import { type NetFlags, questions, wantedOf } from './advise-net.ts'
import { askAll } from './advise-questions.ts'
import { type AdviceGiven, adviceText } from './advise-report.ts'
import { shortTrainingOf } from './advise-training.ts'
import { takeInterrupts } from './interrupt.ts'
import { count, jsonFlag, langFlag, readWiring } from './options.ts'
import { print, printJson } from './output.ts'
import { statusLine } from './status-line.ts'
import { positive } from './train-option.ts'

interface Flags extends NetFlags {
  readonly steps?: number
  readonly check?: true
  readonly folder: string
  readonly studies: string
  readonly seeds: number
  readonly lang: Language
  readonly json?: true
}

const examples = `
Examples:
  residua advise
  residua advise --kind decoder --depth 48 --wiring '{"placement":"post"}'
  residua advise --kind mlp --depth 100 --width 128 --wiring '{"norm":"none"}' --check
  residua advise --kind decoder --depth 24 --length 256 --json

On a terminal it asks for what is not given; else the defaults stand, which it prints. It measures the net at
initialisation, which says nothing of the learning rate, and cheaper to dearer changes of it: a final norm, branches times 1/sqrt(n), pre-norm, norms on queries and
keys, a warm-up, DeepNorm. Results of earlier studies of the same wiring nearby outrank the measurement, and --check, a
short training of what is expected to train, outranks both.`

/** `residua advise`: the cheapest setting that is expected to train, with its reasons and the command to check it. */
export function adviseCommand(): Command {
  const sizes = count(1, 65_536)
  return new Command('advise')
    .description('say whether a deep net will train, and the cheapest change that makes it')
    .addOption(new Option('--kind <name>', 'what the net is').choices(kindNames))
    .option('--depth <blocks>', 'residual blocks', count(1, 1000))
    .option('--width <n>', 'features of the stream, of a resnet channels of the first stage', sizes)
    .option('--heads <n>', 'of attention (default: about width / 16)', sizes)
    .option('--length <tokens>', 'of an example', count(2, 2 ** 20))
    .option('--batch-size <n>', 'examples per batch', count(1))
    .option('--learning-rate <rate>', 'highest learning rate (default: 0.001)', positive)
    .option('--warmup <steps>', 'steps in which the rate rises (default: 0)', count(0))
    .option(
      '--wiring <json>',
      'skip, norm, placement, ... as JSON, or @file (default: as residua train has it)',
      readWiring,
    )
    .option('--data <source>', 'what the command trains on (default: mnist, of text moby-dick)')
    .option(
      '--steps <n>',
      `of the command, ${fewestSteps} or more (default: 200, of text 250, and the warm-up)`,
      count(fewestSteps),
    )
    .option('--check', 'train at most three settings for so many steps, and say how that went')
    .option('--folder <folder>', 'where these trainings are kept', 'runs/advise')
    .option('--studies <folder>', 'where the results of earlier studies are', 'runs/studies')
    .option('--seeds <n>', 'draws of initial values that are measured', count(1, 1000), 2)
    .addOption(langFlag())
    .addOption(jsonFlag('the advice'))
    .addHelpText('after', examples)
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const { steps, check, folder, studies: studiesFolder, seeds, lang, json } = flags
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !json
  const answers = interactive ? await askAll(questions(flags), process.stdin, process.stderr) : {}
  const net = wantedOf({ ...answers, ...flags })
  const measured = measuredNet(net)
  if (steps !== undefined && steps <= net.warmupSteps)
    throw new OptionError(`advise: --steps: expected more than the ${net.warmupSteps} of the warm-up, got ${steps}`)
  const studies = readStoredRuns(studiesFolder)
  const interrupt = takeInterrupts()
  const { signal } = interrupt
  const see = ({ change }: Candidate): void => {
    signal.throwIfAborted()
    process.stderr.write(`residua: measuring ${change}\n`)
  }
  const line = statusLine(true)
  const train = async (setting: Judged): Promise<ShortTraining> => {
    signal.throwIfAborted()
    process.stderr.write(`residua: training ${setting.change}\n`)
    const onEvent = (event: CellEvent): void => {
      if (event.type === 'step') line.show(`step ${event.step} of ${event.setting.steps}`)
    }
    try {
      return await shortTrainingOf(settingArguments(net, setting, steps), folder, { signal, onEvent })
    } finally {
      line.done()
    }
  }
  try {
    const options = { seeds, stored: studies.runs, see, ...(check && { train }) }
    const recommendation = await recommend(net, kinds[net.kind].stack(measured), options)
    const { choice } = recommendation
    const command = choice === null ? null : shellLine(['residua', ...settingArguments(net, choice, steps)])
    const milder = rateDoubted(recommendation, net) ? milderCommand(net, recommendation, steps) : null
    const given = { net, recommendation, studies, studiesFolder, command, milder }
    if (json) printJson(jsonOf(given, studies.leftOut))
    else print(adviceText(given, lang))
  } catch (error) {
    if (!signal.aborted) throw error
    process.stderr.write(`residua: stopped${check ? '; the same command goes on' : ''}\n`)
    process.exitCode = interrupt.exitCode
  } finally {
    interrupt.release()
  }
}

/** The command that trains at a usual rate what initialisation speaks for: the net as asked, else what is chosen. */
function milderCommand(net: NetWanted, { asked, choice }: Recommendation, steps?: number): string {
  const setting = asked.judgement === 'sound' ? asked : (choice ?? asked)
  return shellLine(['residua', ...settingArguments({ ...net, learningRate: rates.first }, setting, steps)])
}

/** The advice as `--json` prints it. */
function jsonOf(
  { net, recommendation, command, milder }: AdviceGiven,
  leftOut: readonly string[],
): Readonly<Record<string, unknown>> {
  const { en, zh } = recommendationText(recommendation, net)
  return { net, ...recommendation, leftOut, sentence: en, sentenceZh: zh, command, milder }
}
