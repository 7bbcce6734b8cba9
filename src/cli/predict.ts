import { Command } from 'commander'
import { readBytes } from '../data/file.ts'
import { type HostTensor, tensor } from '../tensor.ts'
import { load } from '../train/compile.ts'
import type { Model } from '../train/model.ts'
import { readInput } from './input.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { csvLine, figure, print, printJson } from './output.ts'
import { maxTableBytes, parseRows } from './rows.ts'
import { readRowRun } from './run.ts'

interface Flags extends EngineFlags {
  readonly input: string
  readonly json?: true
}

const examples = `
The input is CSV: one row of features a line. A header, where there is one, names the columns as in training.
Prints CSV: the class and the probability of each class, or the outputs of a regression.

Examples:
  residua predict runs/flowers --input new-flowers.csv
  echo 5.1,3.5,1.4,0.2 | residua predict runs/flowers --input - --json`

/** `residua predict`: classes and probabilities, or outputs, for rows of features. */
export function predictCommand(): Command {
  const command = new Command('predict')
    .description('apply a trained model to rows of features')
    .argument('<run>', 'run folder')
    .requiredOption('--input <file>', 'CSV file; - reads standard input')
  return addEngineFlags(command).addOption(jsonFlag('rows')).addHelpText('after', examples).action(predict)
}

/** Rows that one run of the engine takes. */
const batchSize = 500

async function predict(folder: string, flags: Flags): Promise<void> {
  const { note, features, classifies } = readRowRun(folder)
  const name = flags.input === '-' ? 'standard input' : flags.input
  const bytes = flags.input === '-' ? await readInput(maxTableBytes) : await readBytes(flags.input, maxTableBytes)
  const inputs = parseRows(bytes, name, note?.table?.features ?? features)
  const model = await load(folder, engineOf(flags))
  let row = 0
  for await (const outputs of outputRows(model, inputs)) {
    const labels = note?.table?.labels ?? Array.from(outputs, (_, index) => String(index))
    if (row === 0 && !flags.json) print(csvLine(classifies ? ['class', ...labels] : columnNames(outputs.length)))
    if (classifies) printClass(row, labels, softmax(outputs), flags)
    else if (flags.json) printJson({ row, outputs })
    else print(csvLine(outputs.map(figure)))
    row++
  }
}

const columnNames = (outputs: number): string[] =>
  outputs === 1 ? ['output'] : Array.from({ length: outputs }, (_, index) => `output ${index}`)

/** What the model gives for each row, batch by batch. */
async function* outputRows(model: Model, inputs: HostTensor): AsyncGenerator<number[]> {
  const [rows = 0, width = 0] = inputs.shape
  for (let from = 0; from < rows; from += batchSize) {
    const count = Math.min(batchSize, rows - from)
    const part = inputs.data.slice(from * width, (from + count) * width)
    const { data } = await model.predict(tensor(part, [count, width]))
    const outputs = data.length / count
    for (let row = 0; row < count; row++) yield Array.from(data.subarray(row * outputs, (row + 1) * outputs))
  }
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

function printClass(row: number, labels: readonly string[], probabilities: readonly number[], { json }: Flags): void {
  const best = labels[probabilities.indexOf(Math.max(...probabilities))] ?? ''
  if (!json) {
    print(csvLine([best, ...probabilities.map(figure)]))
    return
  }
  const byLabel = Object.fromEntries(labels.map((label, index) => [label, probabilities[index]]))
  printJson({ row, class: best, probabilities: byLabel })
}
