import { existsSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { DataError, OptionError } from '../errors.ts'
import { load } from '../train/compile.ts'
import { discard, temporaryName } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import { checkedBatches, checkOnnx } from './check-onnx.ts'
import { addEngineFlags, type EngineFlags, engineOf, jsonFlag } from './options.ts'
import { figure, print, printJson } from './output.ts'
import { readTrainedRun } from './run.ts'

interface Flags extends EngineFlags {
  readonly out: string
  readonly json?: true
}

const examples = `
An ONNX file has an open batch axis, the input 'inputs' and the output 'output'. It is tried in a session of its own
against predict before it takes its name.

Examples:
  residua export runs/flowers --out flowers.onnx
  residua export runs/flowers --out flowers.safetensors`

/** `residua export`: the trained net as ONNX, or its weights as safetensors. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a trained model as ONNX, or its weights as safetensors')
    .argument('<run>', 'run folder')
    .requiredOption('--out <file>', 'ends in .onnx or .safetensors')
  return addEngineFlags(command).addOption(jsonFlag('the result')).addHelpText('after', examples).action(exportRun)
}

async function exportRun(folder: string, flags: Flags): Promise<void> {
  const file = flags.out
  const isOnnx = file.endsWith('.onnx')
  if (!isOnnx && !file.endsWith('.safetensors')) {
    throw new OptionError(`--out: expected a file that ends in .onnx or .safetensors, got '${file}'`)
  }
  if (!existsSync(dirname(file))) throw new DataError(`${file}: there is no folder '${dirname(file)}'; create it first`)
  const { features } = readTrainedRun(folder)
  const model = await load(folder, engineOf(flags))
  const unchecked = join(dirname(file), `${temporaryName()}${isOnnx ? '.onnx' : '.safetensors'}`)
  let difference: number | null = null
  try {
    await model.export(unchecked)
    if (isOnnx) difference = await checkOnnx(unchecked, model, features, engineOf(flags))
    renameSync(unchecked, file)
  } catch (error) {
    discard(unchecked)
    throw diskError('write', file, error)
  }
  const bytes = statSync(file).size
  const checked = difference === null ? null : { batchSizes: checkedBatches, largestDifference: difference }
  if (flags.json) {
    printJson({ file, bytes, step: model.step, parameters: model.parameterCount, checked })
    return
  }
  print(`${file}: ${bytes} bytes, ${model.parameterCount} parameters, step ${model.step}`)
  if (difference === null) return
  print(
    `checked in a session of its own: batches of ${checkedBatches.join(' and ')} differ from predict by at most ${figure(difference)}`,
  )
}
