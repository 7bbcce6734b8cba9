import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import { fresh } from '../../test/training.ts'
import { textModel } from '../../test/text-model.ts'
import { generateCommand } from './generate.ts'
import { importCommand } from './import.ts'

test('a published model becomes a run that writes', async () => {
  const model = await textModel({ kind: 'Llama', tokenizer: 'bpe:300', steps: 40 })
  const [folder, run] = [fresh('published'), fresh()]
  await model.exportFolder(folder, 'hugging-face')
  const { out, err } = await runCommand(importCommand(), [folder, '--run', run])
  expect(out.replace(run, 'RUN')).toMatchInlineSnapshot(`
    "run         RUN
    model       gpt
    family      llama
    parameters  50080
    layers      2
    width       32
    heads       2
    vocabulary  300
    context     96
    tokenizer   bpe:300
    separator   299
    ends        299
    "
  `)
  expect(err).toBe('')
  const greedy = ['--prompt', 'Line', '--tokens', '12', '--temperature', '0', '--quiet']
  const written = await runCommand(generateCommand(), [run, '--threads', '1', ...greedy])
  const [expected] = await model.complete(['Line'], { tokens: 12, temperature: 0 })
  expect(written.out).toBe(`${expected!.text}\n`)

  rmSync(join(folder, 'tokenizer.json'))
  const mute = fresh()
  const found = await runCommand(importCommand(), [folder, '--run', mute, '--json'])
  expect(JSON.parse(found.out)).toMatchObject({ run: mute, family: 'llama', tokenizer: null, separator: null })
  expect(found.err).toBe('residua: no tokenizer.json beside the model: this run reads and writes token numbers only\n')
  await expect(runCommand(generateCommand(), [mute])).rejects.toThrow('import the model with its tokenizer.json')
  await expect(runCommand(importCommand(), [folder, '--run', mute])).rejects.toThrow('Choose another as run')
})
