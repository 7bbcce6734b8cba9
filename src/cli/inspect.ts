import { Command } from 'commander'
import { OptionError } from '../errors.ts'
import type { Footprint } from '../runtime/node/footprint.ts'
import { engineSettings } from '../runtime/node/remote.ts'
import { adamW } from '../optim/adam.ts'
import { load } from '../train/compile.ts'
import { inspect, type Inspection, type InspectOptions } from '../train/inspect/inspect.ts'
import { measureFootprint } from '../train/inspect/measure.ts'
import type { Recipe } from '../train/step.ts'
import { optimizerOf } from './optimizer.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { print, printJson, table } from './output.ts'
import { recipeOf } from './recipe.ts'
import { readTrainedRun } from './run.ts'
import { openSource } from './source.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'
import { models, netOf } from './train-models.ts'

interface Flags extends TrainFlags, EngineFlags {
  readonly measure?: true
  readonly json?: true
}

/** What may be said beside a run folder: the rest is in it. */
const withRun = ['batchSize', 'accumulate', 'measure', 'json', 'device', 'threads']

const examples = `
Examples:
  residua inspect runs/first
  residua inspect runs/first --batch-size 64 --measure
  residua inspect mlp --data mnist --depth 48 --width 256
  residua inspect resnet --data mnist --depth 20 --batch-size 64 --json

All is computed from the graphs, nothing is trained. Memory is what tensors take at the highest point of a training step
on the CPU; --measure runs two steps in processes of their own (Linux). Work is in floating point operations, a
multiply-add being two.`

/** `residua inspect`: parameters, memory and work of a model and its training. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('say what a model and its training take: parameters, memory, work')
    .argument('<run or model>', `a run folder, or ${Object.keys(models).join(', ')} with the options of residua train`)
  return addEngineFlags(addTrainFlags(command))
    .option('--measure', 'run two steps, and print measured memory beside the computed')
    .addOption(jsonFlag('the figures'))
    .addHelpText('after', examples)
    .action(run)
}

interface Subject {
  readonly recipe: Recipe
  readonly options: InspectOptions
}

async function run(target: string, flags: Flags, command: Command): Promise<void> {
  const { recipe, options } = await (Object.hasOwn(models, target)
    ? modelOf(target, flags)
    : runOf(target, flags, command))
  const inspection = inspect(recipe, options)
  const measured = flags.measure
    ? await measureFootprint(recipe, options, engineSettings(engineOf(flags)).threads)
    : null
  if (flags.json) printJson({ ...inspection, ...(measured && { measured }) })
  else print(report(inspection, measured))
}

async function modelOf(model: string, flags: Flags): Promise<Subject> {
  const settings = settingsOf(model, flags)
  const source = await openSource(settings)
  const { net } = netOf(settings, source)
  return { recipe: recipeOf(unscheduled(settings), source, net, 1), options: settings }
}

async function runOf(folder: string, flags: Flags, command: Command): Promise<Subject> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
  const foreign = given.filter((option) => !withRun.includes(option.attributeName()))
  if (foreign.length > 0)
    throw new OptionError(`inspect: a run keeps its settings; leave out ${foreign.map(({ long }) => long).join(', ')}`)
  const { note } = readTrainedRun(folder)
  const settings = note?.settings ?? { batchSize: 8, accumulate: 1 } // of a run that was imported, or begun by a program
  const optimizer = note ? optimizerOf(unscheduled(note.settings), 1) : adamW({ learningRate: 0 })
  const model = await load(folder, { ...engineOf(flags), ...(note && { optimizer }) })
  const recipe = { ...(await model.snapshot()), optimizer }
  await model.close()
  const asked = (name: 'batchSize' | 'accumulate'): number =>
    (command.getOptionValueSource(name) === 'cli' ? flags[name] : undefined) ?? settings[name]
  return { recipe, options: { batchSize: asked('batchSize'), accumulate: asked('accumulate') } }
}

/** What a step takes does not depend on when it comes. */
const unscheduled = <S extends { readonly warmup: number }>(settings: S): S => ({ ...settings, warmup: 0 })

const count = (n: number): string => n.toLocaleString('en')
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`

/** Operations with four digits and a prefix. */
function operations(n: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P']
  const power = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(n) / 3)))
  return `${(n / 1000 ** power).toPrecision(4)} ${prefixes[power]}FLOP`
}

const indent = (rows: readonly (readonly string[])[]): string => table(rows).replace(/^/gm, '  ')

const counted = (counts: Readonly<Record<string, number>>): [string, string][] =>
  Object.entries(counts).map(([name, n]) => [name, count(n)])

function report(inspection: Inspection, measured: Footprint | null): string {
  const { batchSize, accumulate, parameters, bytes, flops, graphs } = inspection
  const { perExample, perToken, textbook } = flops
  const { peak, ...kinds } = bytes
  const taken = Object.entries(kinds).flatMap(([name, n]) => (n === 0 ? [] : [[name, mebibytes(n)]]))
  const ratio = (n: number): string => `${mebibytes(n)} (computed is ${((100 * peak) / n).toFixed(1)}% of it)`
  const work = [
    ['', 'forward', 'training step'],
    ['per example', operations(perExample.forward), operations(perExample.step)],
    ...(perToken ? [['per token', operations(perToken.forward), operations(perToken.step)]] : []),
    ...(textbook === null ? [] : [['6 N + 12 L H Q T', '', operations(textbook)]]),
  ]
  const sizes = (['forward', 'step'] as const).map((name) => [
    name === 'step' ? 'training step' : name,
    count(graphs[name].nodes),
    count(graphs[name].depth),
  ])
  const batches = accumulate === 1 ? '' : `, ${accumulate} batches per update`
  return [
    `Parameters: ${count(parameters.total)}, of which ${count(parameters.trained)} are trained`,
    indent(counted(parameters.byPart)),
    'By role',
    indent(counted(parameters.byRole)),
    `Memory of a training step, ${batchSize} examples${batches}`,
    indent([
      ...taken,
      ['highest point', mebibytes(peak)],
      ...(measured
        ? [
            ['measured', ratio(measured.live)],
            ['resident memory', mebibytes(measured.resident)],
          ]
        : []),
    ]),
    'Work',
    indent(work),
    'Graphs',
    indent([['', 'nodes', 'depth'], ...sizes]),
  ].join('\n')
}
