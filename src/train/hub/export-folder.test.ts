import { basename, dirname } from 'node:path'
import { env, pipeline, type Tensor, type TextGenerationPipeline } from '@huggingface/transformers'
import { describe, expect, test } from 'vitest'
import { closing, fresh, small } from '../../../test/training.ts'
import { type kinds, shantyData, textModel } from '../../../test/text-model.ts'
import { freeze } from '../../models/freeze.ts'
import { gpt } from '../../models/gpt.ts'
import { lora } from '../../models/lora.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { adamW } from '../../optim/adam.ts'
import { compile, loadText } from '../compile.ts'
import { importRun } from './import-run.ts'

/** Opens an exported folder as its users do. */
function transformersJs(folder: string): Promise<TextGenerationPipeline> {
  env.allowRemoteModels = false
  env.localModelPath = dirname(folder)
  return pipeline('text-generation', basename(folder), { dtype: 'fp32', device: 'cpu' })
}

const greedy = { max_new_tokens: 40, do_sample: false } as const
const prompts = ['Line 7: the  ', 'Line 12: the  mate did n\'t see 3 , said he ; "', 'Line 150']

const nets = [
  ['GPT-2', 'char'],
  ['GPT-2', 'bpe:300'],
  ['Llama', 'bpe:300'],
  ['own', 'bpe:300'],
] as const satisfies readonly (readonly [keyof typeof kinds, string])[]

describe.each(nets)('%s with tokens of %s', (kind, tokenizer) => {
  test('goes on in Transformers.js with the same tokens, one prompt at a time and side by side', async () => {
    const model = await textModel({ kind, tokenizer, steps: 150 })
    const expected = await model.complete(prompts, { tokens: greedy.max_new_tokens, temperature: 0 })
    expect(new Set(expected[0]!.tokens).size).toBeGreaterThan(5)
    const folder = fresh('exported')
    await model.exportFolder(folder, 'transformers.js')
    const generator = await transformersJs(folder)
    for (const [i, prompt] of prompts.entries()) {
      const inputs = generator.tokenizer(prompt) as { input_ids: Tensor }
      const [ids] = ((await generator.model.generate({ ...inputs, ...greedy })) as Tensor).tolist() as bigint[][]
      expect(ids!.map(Number)).toEqual([...model.tokenizer.encode(prompt), ...expected[i]!.tokens])
      const [written] = (await generator(prompt, { ...greedy, return_full_text: false })) as [{ generated_text: string }]
      expect(written.generated_text).toBe(expected[i]!.text)
    }
    const all = (await generator(prompts, { ...greedy, return_full_text: false })) as [{ generated_text: string }][]
    expect(all.map(([written]) => written.generated_text)).toEqual(expected.map(({ text }) => text))
    await generator.dispose()
  })
})

test('adapters are merged and frozen parameters are exported like any other', async () => {
  const { train, vocabulary } = await shantyData('bpe:300')
  const net = gpt({ layers: 1, heads: 2, width: 16, vocabulary, context: 96, tied: true, activation: 'geluTanh' })
  const adapted = lora(freeze(net, ['embed.**']), { rank: 2 })
  const options = { train, loss: crossEntropy, optimizer: adamW({ learningRate: 1e-2 }), threads: 1 }
  const model = closing(await compile(adapted, options))
  await model.fit({ steps: 5, batchSize: 8, progress: false })
  const [folder, run] = [fresh('exported'), fresh()]
  await model.exportFolder(folder, 'hugging-face')
  importRun(folder, { run })
  const plain = closing(await loadText(run, { threads: 1 }))
  const merged = await plain.weights()
  expect(Object.keys(merged)).not.toContain('blocks.0.attention.query.lora.A')
  expect(merged['blocks.0.attention.query.weight']).not.toEqual(
    (await model.weights())['blocks.0.attention.query.weight'],
  )
  const greedily = { tokens: 30, temperature: 0 }
  expect(await plain.complete(prompts, greedily)).toEqual(await model.complete(prompts, greedily))
})

test('what a format cannot hold is refused', async () => {
  const own = await textModel({ kind: 'own' })
  await expect(own.exportFolder(fresh(), 'hugging-face')).rejects.toThrow('in no family of transformers. gpt2: ')
  const rows = await small()
  await expect(rows.exportFolder(fresh(), 'transformers.js')).rejects.toThrow('expected a causal net with attention')
  await expect(rows.exportFolder(fresh(), 'hugging-face')).rejects.toThrow('a net of your own is in no family')
})
