import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { closing, fresh } from '../../test/training.ts'
import { shantyData, textModel } from '../../test/text-model.ts'
import { readSafetensors } from '../files/safetensors.ts'
import { gpt } from '../models/gpt.ts'
import { lora } from '../models/lora.ts'
import { crossEntropy } from '../nn/loss.ts'
import { adamW } from '../optim/adam.ts'
import { compile } from '../train/compile.ts'
import type { LanguageModel } from '../train/language-model.ts'
import { exportCommand } from './export.ts'

const runs = { text: fresh(), adapted: fresh() }
let adapted: LanguageModel
beforeAll(async () => {
  await textModel({ kind: 'Llama', tokenizer: 'bpe:300', steps: 20, run: runs.text })
  const { train, vocabulary } = await shantyData('bpe:300')
  const net = lora(gpt({ layers: 1, heads: 2, width: 16, vocabulary, activation: 'geluTanh', tied: true }), { rank: 2 })
  const options = { train, loss: crossEntropy, optimizer: adamW({ learningRate: 1e-2 }), threads: 1 }
  adapted = closing(await compile(net, options))
  await adapted.fit({ steps: 3, batchSize: 8, progress: false, run: runs.adapted })
})

const exported = (run: string, ...args: string[]): Promise<Written> =>
  runCommand(exportCommand(), [run, '--threads', '1', ...args])

const json = ({ out }: Written): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>

describe('folders', () => {
  test('for Transformers.js is tried against a prompt', async () => {
    const folder = join(fresh('out'), 'deep', 'model')
    const { out } = await exported(runs.text, '--format', 'transformers.js', '--out', folder)
    expect(out).toContain(`${folder}: `)
    expect(out).toMatch(
      /checked in a session of its own with a prompt of 8 tokens: at most 0\.0000\d+ away from predict\n$/,
    )
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
      ...['config.json', 'generation_config.json', 'onnx', join('onnx', 'model.onnx')],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ])
    expect(readdirSync(dirname(folder))).toEqual(['model'])
    const again = exported(runs.text, '--format', 'transformers.js', '--out', folder)
    await expect(again).rejects.toThrow('Choose another as --out')
  })

  test('for transformers, its adapters merged', async () => {
    const folder = fresh('out')
    mkdirSync(folder)
    const result = json(await exported(runs.adapted, '--format', 'hugging-face', '--out', folder, '--json'))
    expect(result).toMatchObject({ folder, step: 3, checked: null })
    const path = join(folder, 'model.safetensors')
    const { tensors } = readSafetensors(readFileSync(path), path)
    expect(Object.keys(tensors)).toContain('transformer.h.0.attn.c_attn.weight')
    expect(Object.keys(tensors).filter((name) => name.includes('lora'))).toEqual([])
  })
})

describe('files', () => {
  test('a net that reads tokens is tried against tokens', async () => {
    const file = `${fresh('net')}.onnx`
    const { checked } = json(await exported(runs.text, '--out', file, '--json')) as {
      checked: { largestDifference: number }
    }
    expect(checked).toMatchObject({ batchSizes: [1, 2] })
    expect(checked.largestDifference).toBeLessThan(1e-4)
    expect(existsSync(file)).toBe(true)
  })

  test('adapters are merged into the weights they belong to', async () => {
    const [weights, net] = [`${fresh('merged')}.safetensors`, `${fresh('merged')}.onnx`]
    await exported(runs.adapted, '--out', weights)
    const { tensors } = readSafetensors(readFileSync(weights), weights)
    expect(Object.keys(tensors).filter((name) => name.includes('lora'))).toEqual([])
    expect(tensors['blocks.0.attention.query.weight']).not.toEqual(
      (await adapted.weights())['blocks.0.attention.query.weight'],
    )
    await exported(runs.adapted, '--out', net)
    expect(readFileSync(net).includes('lora.A')).toBe(false)
  })

  test('adapters alone go into another model', async () => {
    const file = `${fresh('adapters')}.safetensors`
    await exported(runs.adapted, '--format', 'adapters', '--out', file)
    const { tensors } = readSafetensors(readFileSync(file), file)
    const names = ['query', 'value'].flatMap((map) =>
      ['A', 'B'].map((part) => `blocks.0.attention.${map}.lora.${part}`),
    )
    expect(Object.keys(tensors).sort()).toEqual(names)
    expect({ ...tensors }).toEqual(await adapted.weights('trained'))
    const whole = exported(runs.text, '--format', 'adapters', '--out', file)
    await expect(whole).rejects.toThrow('export: the run has no adapters')
  })
})

test('a format and a place that do not go together are refused', async () => {
  await expect(exported(runs.text, '--out', 'model.bin')).rejects.toThrow('else give --format')
  await expect(exported(runs.text, '--format', 'onnx', '--out', 'model.bin')).rejects.toThrow('ends in .onnx')
  await expect(exported(runs.text, '--format', 'gguf', '--out', 'out')).rejects.toThrow("unknown name 'gguf'")
  await expect(exported(runs.text, '--out', join(fresh('none'), 'a.onnx'))).rejects.toThrow('create it first')
  const file = fresh('file')
  writeFileSync(file, 'mine')
  await expect(exported(runs.text, '--format', 'hugging-face', '--out', file)).rejects.toThrow('Choose another')
  expect(readFileSync(file, 'utf8')).toBe('mine')
})
