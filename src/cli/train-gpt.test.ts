import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { runCommand } from '../../test/run-command.ts'
import { shanty } from '../../test/text-model.ts'
import { fresh, stored } from '../../test/training.ts'
import { arrays } from '../data/arrays.ts'
import { readCorpusRecord } from '../data/text/corpus-record.ts'
import { prepareCorpus } from '../data/text/prepare.ts'
import { strings } from '../data/text/source.ts'
import { readRun } from '../train/files/run-folder.ts'
import { readEvents } from '../train/files/events.ts'
import { evalCommand } from './eval.ts'
import { predictCommand } from './predict.ts'
import { spread } from './text-source.ts'
import { trainCommand } from './train.ts'

afterEach(() => {
  process.exitCode = undefined
})

function textFile(text: string): string {
  const path = `${fresh('text')}.txt`
  writeFileSync(path, text)
  return path
}

const sizes = [
  '--layers',
  '1',
  '--heads',
  '2',
  '--width',
  '16',
  '--context',
  '16',
  '--batch-size',
  '4',
  '--threads',
  '1',
]
const train = (data: string, folder: string, ...more: string[]) =>
  runCommand(trainCommand(), ['gpt', '--data', data, ...sizes, '--run', folder, ...more])
const evaluate = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await runCommand(evalCommand(), [...args, '--json', '--threads', '1'])).out) as Record<string, unknown>
const summaryOf = (folder: string): Record<string, unknown> => readRun(folder).summary!

test('a text file: samples, progress, held-out figures that eval gives again, and another text', async () => {
  const data = textFile(shanty)
  const folder = fresh('run')
  const asked = ['--sample-every', '10', '--prompt', 'Line', '--sample-tokens', '5']
  const { err } = await train(
    data,
    folder,
    '--steps',
    '20',
    '--learning-rate',
    '0.01',
    '--evaluate-every',
    '10',
    ...asked,
  )
  expect(err).toMatch(/20\/20 loss \d.* [\d.]+k? tokens\/s \(\d+% of matrix products\)/)
  expect(err).toMatch(/step 10: evaluation loss \S+ bitsPerByte \S+ perplexity \S+\nstep 10: sample\nLine.{5}/)
  expect(readEvents(folder).filter(({ type }) => type === 'sample').length).toBe(2)

  const { step, loss, bitsPerByte, perplexity } = summaryOf(folder)
  expect([step, Math.exp(loss as number)]).toEqual([20, perplexity])
  const held = await evaluate(folder)
  expect(held).toMatchObject({ run: folder, step: 20, loss, bitsPerByte, perplexity })
  const other = await evaluate(folder, '--data', textFile(shanty.slice(0, 1000)))
  expect(other).toMatchObject({ examples: Math.floor((1000 - 17) / 16) + 1 })
  expect(other.loss).not.toBe(loss)
  await expect(runCommand(predictCommand(), [folder, '--input', data])).rejects.toThrow(
    'expected a net that takes rows of numbers',
  )
})

test('an evaluation while training takes windows from all over the held-out text', async () => {
  const folder = fresh('run')
  await train(textFile(shanty), folder, '--steps', '1', '--evaluate-on', '7', '--hold-out', '0.5', '--quiet')
  expect(readRun(folder).config.evaluate).toMatch(/^text-\d+\.validation\[7 of 327\]$/)
  expect((await evaluate(folder)).loss).not.toBe(summaryOf(folder).loss)
})

test('spread examples lie at equal distances', () => {
  const ten = arrays({ inputs: Float32Array.from({ length: 10 }, (_, i) => i), targets: new Int32Array(10) })
  const { size, inputs, name } = spread(ten, 4)
  const values = new Float32Array(4)
  inputs.gather([0, 1, 2, 3], values)
  expect([size, name, ...values]).toEqual([4, 'arrays[4 of 10]', 0, 2, 5, 7])
  expect(spread(ten, 10)).toBe(ten)
})

test('Ctrl-C and a resume end in the same bytes as a run that was left alone; the text must be the same', async () => {
  const data = textFile(shanty)
  const own = ['--tokenizer', 'bpe:300', '--positions', 'learned', '--feed-forward', 'plain', '--bias', '--tied']
  const more = ['--kv-heads', '1', '--softcap', '30', '--z-loss', '0.001', '--dropout', '0.1', '--recompute', 'blocks']
  const sampled = ['--sample-every', '7', '--prompt', '', '--accumulate', '2', '--checkpoint-every', '5']
  const options = [...own, ...more, ...sampled, '--steps', '24', '--json', '--quiet']
  const [whole, stopped] = [fresh('whole'), fresh('stopped')]
  await train(data, whole, ...options)
  let asked = false
  await runCommand(trainCommand(), ['gpt', '--data', data, ...sizes, '--run', stopped, ...options], (text) => {
    if (asked || !text.startsWith('{"type":"step","step":9,')) return
    asked = true
    process.emit('SIGINT', 'SIGINT')
  })
  expect(process.exitCode).toBe(130)
  expect(summaryOf(stopped)).toMatchObject({ state: 'cancelled' })
  writeFileSync(data, shanty.replace('mate', 'Mate'))
  await expect(runCommand(trainCommand(), ['--resume', stopped])).rejects.toThrow('it was changed since the run began')
  writeFileSync(data, shanty)
  await runCommand(trainCommand(), ['--resume', stopped, '--json', '--quiet', '--threads', '1'])
  expect(stored(stopped)).toEqual(stored(whole))
  const samples = (folder: string) => readEvents(folder).filter(({ type }) => type === 'sample')
  expect(samples(whole).map(({ step }) => step)).toEqual([7, 14, 21])
  expect(samples(stopped)).toEqual(samples(whole))

  const { loss, crossEntropy, perplexity } = await evaluate(stopped)
  expect(perplexity).toBeCloseTo(Math.exp(crossEntropy as number), 6)
  expect(loss).toBeGreaterThan(crossEntropy as number)
  expect(readRun(stopped).config).toMatchObject({
    model: { options: { keyValueHeads: 1, softcap: 30, tied: true, bias: true, activation: 'gelu', dropout: 0.1 } },
    crossEntropy: { zLoss: 0.001 },
  })
})

test('a prepared corpus', async () => {
  const [data, other] = [fresh('corpus'), fresh('other')]
  const documents = strings(shanty.split('\n'), 'shanty')
  await prepareCorpus({ source: documents, folder: data, tokenizer: 'byte' })
  await prepareCorpus({ source: documents, folder: other, tokenizer: 'char' })
  const folder = fresh('run')
  await train(data, folder, '--steps', '2', '--quiet')
  expect(readRun(folder).config).toMatchObject({ train: 'shanty.train', text: { tokenizer: 'byte', separator: 256 } })
  const { loss } = summaryOf(folder)
  expect(await evaluate(folder)).toMatchObject({ data: 'shanty.validation', loss })
  expect(await evaluate(folder, '--data', data)).toMatchObject({ data: 'shanty.validation', loss })
  await expect(evaluate(folder, '--data', other)).rejects.toThrow('it was prepared with another tokenizer')
  await expect(train(data, fresh(), '--tokenizer', 'char', '--hold-out', '0.2')).rejects.toThrow(
    `${data} is prepared: its tokenizer and what is held out are decided; leave out --tokenizer, --hold-out`,
  )
  await expect(train(data, fresh(), '--context', '100000')).rejects.toThrow('expected at least 100001 tokens')
  const record = join(data, 'corpus.json')
  const { parts, ...rest } = readCorpusRecord(data)
  const changed = { ...rest, parts: { ...parts, train: { ...parts.train, sha256: '0'.repeat(64) } } }
  writeFileSync(record, JSON.stringify(changed))
  await expect(evaluate(folder)).rejects.toThrow('it was changed since the run began')
})

test.each([
  [['--data', 'missing'], 'missing: there is no such file or folder'],
  [['--data', 'moby-dick', '--tokenizer', 'word'], 'expected tokenizer to be char, byte, bpe:<vocabulary>'],
  [['--data', 'package.json', '--data-folder', '.'], '--data-folder: it is of moby-dick and brown, got package.json'],
  [['--data', 'package.json', '--heads', '3'], '3 heads do not divide 128 features'],
  [
    ['--data', 'package.json', '--sample-every', '2', '--prompt', 'é', '--context', '8'],
    'tokenizer char: expected one of its',
  ],
  [[], 'train: give the data: --data moby-dick, a prepared corpus or text files'],
])('%j is refused', async (args, message) => {
  await expect(runCommand(trainCommand(), ['gpt', ...args, '--run', fresh(), '--quiet'])).rejects.toThrow(message)
})
