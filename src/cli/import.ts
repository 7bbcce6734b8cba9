import { Command } from 'commander'
import { importRun } from '../train/hub/import-run.ts'
import { jsonFlag } from './options.ts'
import { pairs, print, printJson } from './output.ts'
import { statusLine } from './status-line.ts'

interface Flags {
  readonly run: string
  readonly json?: true
  readonly quiet?: true
}

const examples = `
A model is a folder with config.json and model.safetensors (or its shards) of GPT-2, Llama, Mistral, Qwen 2 or 3 or BERT,
or a .gguf file. A tokenizer.json beside it comes along; without one the run can be exported, but not write text.

Examples:
  residua import SmolLM2-135M --run runs/smol
  residua import tinyllama.Q4_K_M.gguf --run runs/tiny
  residua generate runs/smol --prompt 'The capital of France is'
  residua finetune runs/smol --lora 8 --data moby-dick --run runs/tuned`

/** `residua import`: a published model becomes a run. */
export function importCommand(): Command {
  return new Command('import')
    .description('make a run of a published model')
    .argument('<path>', 'Hugging Face folder or .gguf file')
    .requiredOption('--run <folder>', 'the run folder to make')
    .addOption(jsonFlag('what was found'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText('after', examples)
    .action(importModel)
}

const millions = (count: number): string => `${(count / 1e6).toFixed(count < 1e7 ? 2 : 0)} million`

function importModel(path: string, { run, json, quiet }: Flags): void {
  const status = statusLine(!quiet && !(json && process.stdout.isTTY))
  try {
    const onProgress = (parameters: number): void => status.show(`reading: ${millions(parameters)} parameters`)
    const { family, spec, parameters, context, tokenizer, ends } = importRun(path, { run, onProgress })
    status.done()
    const { layers, width, heads, vocabulary } = spec.options
    const sizes = { layers, width, heads, vocabulary, context }
    const found = { run, model: spec.name, family, parameters, ...sizes }
    const text = { tokenizer: tokenizer?.name ?? null, separator: tokenizer?.separator ?? null }
    if (json) printJson({ ...found, ...text, ends })
    else print(pairs({ ...found, ...text, ends: ends.join(' ') }))
    if (tokenizer === null && !quiet) {
      process.stderr.write(
        'residua: no tokenizer.json beside the model: this run reads and writes token numbers only\n',
      )
    }
  } finally {
    status.done()
  }
}
