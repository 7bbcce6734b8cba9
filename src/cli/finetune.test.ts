import { writeFileSync } from 'node:fs'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { closing, fresh } from '../../test/training.ts'
import { shanty, textModel } from '../../test/text-model.ts'
import { prepareCorpus } from '../data/text/prepare.ts'
import { strings } from '../data/text/source.ts'
import { loadText } from '../train/compile.ts'
import { readRun } from '../train/files/run-folder.ts'
import { importRun } from '../train/hub/import-run.ts'
import type { LanguageModel } from '../train/language-model.ts'
import { evalCommand } from './eval.ts'
import { finetuneCommand } from './finetune.ts'

const file = `${fresh('shanty')}.txt`
const [published, imported] = [fresh('published'), fresh('imported')]
let model: LanguageModel
beforeAll(async () => {
  model = await textModel({ kind: 'Llama', tokenizer: 'bpe:300', steps: 20 })
  await model.exportFolder(published, 'hugging-face')
  importRun(published, { run: imported })
  writeFileSync(file, shanty)
})
afterEach(() => {
  process.exitCode = undefined
})

const quick = ['--threads', '1', '--steps', '6', '--batch-size', '4', '--context', '24', '--evaluate-on', '4']
const tune = (args: readonly string[], see?: (piece: string) => void): Promise<Written> =>
  runCommand(finetuneCommand(), args, see)

const weightsOf = async (run: string) => closing(await loadText(run, { threads: 1 })).weights()

test('adapters on an imported model: stopped, resumed as if it had not been, and measured', async () => {
  const [whole, cut] = [fresh(), fresh()]
  const args = [imported, '--data', file, '--lora', '4', '--alpha', '4', '--targets', 'blocks.*.attention.*', ...quick]
  const { out, err } = await tune([...args, '--run', whole, '--quiet'])
  expect(err).toBe('')
  expect(out).toMatch(/^run +\S+\nstate +done\nstep +6\n/)
  const stopped = await tune([...args, '--run', cut, '--json', '--quiet'], (line) => {
    if (line.includes('"type":"step","step":3')) process.emit('SIGINT', 'SIGINT')
  })
  expect(process.exitCode).toBe(130)
  expect(stopped.err).toContain(`go on with: residua finetune --resume ${cut}`)
  expect(readRun(cut).run.state).toBe('cancelled')
  await tune(['--resume', cut, '--threads', '1', '--quiet'])
  const weights = await weightsOf(cut)
  expect(weights).toEqual(await weightsOf(whole))
  const { config } = readRun(whole)
  expect(config.model).toMatchObject({ name: 'lora', options: { rank: 4, alpha: 4, base: { name: 'gpt' } } })
  const frozen = Object.entries(weights).filter(([name]) => !name.includes('lora'))
  expect(Object.fromEntries(frozen)).toEqual(await model.weights())
  expect(frozen).toHaveLength(Object.keys(weights).length - 2 * 4 * 2)

  const measured = await runCommand(evalCommand(), [whole, '--threads', '1', '--json'])
  expect(JSON.parse(measured.out)).toMatchObject({ run: whole, step: 6, bitsPerByte: expect.any(Number) as number })
  expect((await tune(['--resume', whole])).out).toBe(out)
})

test('all weights', async () => {
  const run = fresh()
  await tune([imported, '--data', file, ...quick, '--run', run, '--quiet', '--seed', '3'])
  const weights = await weightsOf(run)
  const before = await model.weights()
  expect(Object.keys(weights)).toEqual(Object.keys(before))
  const changed = (name: string): boolean => weights[name]!.data.some((value, i) => value !== before[name]!.data[i])
  expect(Object.keys(weights).filter((name) => !changed(name))).toEqual([])
  expect(readRun(run).config).toMatchObject({ seed: 3, note: { settings: { model: 'finetune', learningRate: 1e-4 } } })
})

test('what does not go together is refused', async () => {
  const foreign = fresh('corpus')
  await prepareCorpus({ source: strings([shanty]), folder: foreign, tokenizer: 'char' })
  await expect(tune([imported, '--data', foreign, ...quick])).rejects.toThrow('has other tokens than')
  await expect(tune([imported, '--data', file, '--alpha', '2', ...quick])).rejects.toThrow('give --lora')
  await expect(tune([imported, ...quick])).rejects.toThrow('give the data')
  await expect(tune([])).rejects.toThrow('give the run to begin with')
  await expect(tune(['--resume', imported])).rejects.toThrow("it was not begun by 'residua finetune'")
  await expect(tune([imported, '--resume', imported, '--steps', '2'])).rejects.toThrow(`leave out ${imported}, --steps`)
})
