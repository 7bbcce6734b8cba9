import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { closing, fresh } from '../../../test/training.ts'
import { shanty, shantyData, textModel } from '../../../test/text-model.ts'
import { text } from '../../data/text/text.ts'
import { openSafetensors } from '../../files/safetensors-file.ts'
import { writeSafetensorsFile } from '../../files/safetensors-stream.ts'
import { sgd } from '../../optim/sgd.ts'
import { tensor } from '../../tensor.ts'
import { load, loadText } from '../compile.ts'
import { loadCheckpoint } from '../files/checkpoint.ts'
import { readRun } from '../files/run-folder.ts'
import { LanguageModel } from '../language-model.ts'
import { hubCase, tensorsOf } from './hub.test-kit.ts'
import { importRun } from './import-run.ts'

/** A Hugging Face folder of a model that wrote something, and the model. */
async function published(kind: 'GPT-2' | 'Llama') {
  const model = await textModel({ kind, tokenizer: 'bpe:300', steps: 20 })
  const folder = fresh('published')
  await model.exportFolder(folder, 'hugging-face')
  return { model, folder }
}

/** The model of a case of the fixtures as a folder. */
function caseFolder(name: string): string {
  const folder = fresh('case')
  mkdirSync(folder, { recursive: true })
  const one = hubCase(name)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(one.config))
  const sources = Object.entries(tensorsOf(one)).map(([own, { shape, data }]) => ({
    name: own,
    shape,
    read: () => data,
  }))
  writeSafetensorsFile(join(folder, 'model.safetensors'), sources)
  return folder
}

/** Writes the weights of a folder anew. */
function rewrite(
  folder: string,
  change: (name: string, data: Float32Array) => void,
  dtype: 'F32' | 'BF16' = 'F32',
): void {
  const path = join(folder, 'model.safetensors')
  const weights = openSafetensors(path)
  const sources = weights.names.map((name) => {
    const data = weights.read(name)
    change(name, data)
    return { name, dtype, shape: weights.type(name).shape, read: () => data }
  })
  weights.close()
  writeSafetensorsFile(path, sources)
}

const greedy = { tokens: 20, temperature: 0 }

describe.each(['GPT-2', 'Llama'] as const)('%s', (kind) => {
  test('exported as a Hugging Face folder and imported again has the same weights and writes the same', async () => {
    const { model, folder } = await published(kind)
    const run = fresh()
    const found = importRun(folder, { run })
    const again = closing(await loadText(run, { threads: 1 }))
    expect(await again.weights()).toEqual(await model.weights())
    expect(readRun(run).config.model).toMatchObject({ options: { wiring: { skip: 'identity', placement: 'pre' } } })
    expect(await again.complete(['Line 3'], greedy)).toEqual(await model.complete(['Line 3'], greedy))
    expect(found).toMatchObject({ run, family: kind === 'Llama' ? 'llama' : 'gpt2', context: 96 })
    expect(found.ends).toEqual([model.tokenizer.separator])
    expect(found.parameters).toBe(model.parameterCount)
    expect(again.tokenizer.toJson()).toEqual(model.tokenizer.toJson())
  })
})

test('the run is done at step 0, measures as the model did, and cannot be resumed', async () => {
  const { model, folder } = await published('GPT-2')
  const { train: trained } = await shantyData('bpe:300')
  const run = fresh()
  let reported = 0
  const { parameters } = importRun(folder, { run, onProgress: (count) => (reported = count) })
  expect(reported).toBe(parameters)
  const { run: record, config, summary } = readRun(run)
  expect(record).toMatchObject({ state: 'done', seed: 0 })
  expect(summary).toEqual({ state: 'done', step: 0, parameters, imported: folder })
  expect(config).toMatchObject({ imported: folder, loss: 'crossEntropy', inputs: { dtype: 'int32', shape: [96] } })
  const { step, skipped } = loadCheckpoint(run)
  expect([step, skipped]).toEqual([0, []])
  expect(readdirSync(dirname(run)).filter((name) => name.startsWith('.'))).toEqual([])

  const { train } = await text(shanty, { tokenizer: 'bpe:300', context: 96 })
  const again = closing(await load(run, { threads: 1, optimizer: sgd({ learningRate: 0.1 }), train }))
  expect((await again.evaluate(train)).loss).toBeCloseTo((await model.evaluate(trained)).loss, 1)
  const resumed = again.fit({ run, resume: true, steps: 1, progress: false })
  await expect(resumed).rejects.toThrow('its configuration differs')
})

test('weights of 16 bits become float32, and several ends of a text are kept', async () => {
  const { model, folder } = await published('Llama')
  rewrite(folder, () => undefined, 'BF16')
  const stored = openSafetensors(join(folder, 'model.safetensors'))
  const embedding = stored.read('model.embed_tokens.weight')
  stored.close()
  writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [0, 7]}')
  const run = fresh()
  expect(importRun(folder, { run }).ends).toEqual([0, 7])
  const { tensors } = loadCheckpoint(run)
  expect(tensors['embed.weight']).toMatchObject({ dtype: 'float32', data: embedding })
  expect(readRun(run).config.text).toMatchObject({ separator: model.tokenizer.separator, ends: [0, 7] })
})

test('without a tokenizer the run reads and writes tokens', async () => {
  const { model, folder } = await published('Llama')
  rmSync(join(folder, 'tokenizer.json'))
  const run = fresh()
  expect(importRun(folder, { run }).tokenizer).toBeNull()
  await expect(loadText(run)).rejects.toThrow('it has no tokenizer')
  const plain = closing(await load(run, { threads: 1 }))
  expect(plain).not.toBeInstanceOf(LanguageModel)
  const request = { prompts: [model.tokenizer.encode('Line 3')] }
  const tokensOf = async (from: typeof plain): Promise<unknown[]> => {
    const events: unknown[] = []
    for await (const event of from.generateTokens(request, greedy)) events.push(event)
    return events
  }
  expect(await tokensOf(plain)).toEqual(await tokensOf(model))
})

test.each(['bert, padding', 'bert, masked language model', 'bert, classifier, padding and token types'])(
  '%s predicts',
  async (name) => {
    const run = fresh()
    const found = importRun(caseFolder(name), { run })
    const model = closing(await load(run, { threads: 1 }))
    const { data } = await model.predict(tensor(new Int32Array(2 * found.context).fill(3), [2, found.context]))
    expect(data.every(Number.isFinite)).toBe(true)
  },
)

test('what is damaged or in the way is refused, and nothing is left', async () => {
  const { folder } = await published('GPT-2')
  const run = fresh()
  const inTheWay = fresh()
  mkdirSync(inTheWay, { recursive: true })
  writeFileSync(join(inTheWay, 'notes.txt'), 'mine')
  expect(() => importRun(folder, { run: inTheWay })).toThrow('expected no such folder or an empty one')

  const tokenizer = join(folder, 'tokenizer.json')
  const json = readFileSync(tokenizer, 'utf8')
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { vocab_size: number }
  const larger = JSON.parse(json) as { model: { vocab: Record<string, number> } }
  larger.model.vocab['€€€'] = config.vocab_size
  writeFileSync(tokenizer, JSON.stringify(larger))
  expect(() => importRun(folder, { run })).toThrow(
    `tokenizer.json: expected at most the ${config.vocab_size} tokens of the net, got ${config.vocab_size + 1}`,
  )
  writeFileSync(tokenizer, json)

  const bad = 'transformer.h.1.mlp.c_fc.weight'
  rewrite(folder, (name, data) => (name === bad ? (data[5] = NaN) : undefined))
  expect(() => importRun(folder, { run })).toThrow(`tensor "${bad}": element 5 is NaN`)
  const around = readdirSync(dirname(run))
  expect(around.filter((name) => name.startsWith('.') || join(dirname(run), name) === run)).toEqual([])
})
