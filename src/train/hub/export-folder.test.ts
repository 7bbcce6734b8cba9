import { basename, dirname } from 'node:path'
import { env, pipeline, type Tensor, type TextGenerationPipeline } from '@huggingface/transformers'
import { describe, expect, test } from 'vitest'
import { closing, fresh, small } from '../../../test/training.ts'
import { type kinds, shanty, shantyData, textModel } from '../../../test/text-model.ts'
import type { TokenizerChoice } from '../../data/text/tokenizer-choice.ts'
import { readTokenizer } from '../../data/tokenizer/read.ts'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.ts'
import { trainBpe } from '../../data/tokenizer/train-bpe.ts'
import { freeze } from '../../models/freeze.ts'
import { lora } from '../../models/lora.ts'
import type { SpecifiedNet } from '../../models/spec.ts'
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

const idsOf = (tokenizer: Tokenizer, prompt: string): Int32Array =>
  tokenizer.withSpecialTokens?.(prompt) ?? tokenizer.encode(prompt)

const pairs = trainBpe([shanty], { vocabulary: 300 })

/** The same as others publish it: with a token that it puts before every text. */
function beginning(): Tokenizer {
  const id = pairs.separator!
  const begin = pairs.decode([id])
  const special = { SpecialToken: { id: begin, type_id: 0 } }
  const single = [special, { Sequence: { id: 'A', type_id: 0 } }]
  const pair = [...single, special, { Sequence: { id: 'B', type_id: 1 } }]
  const tokens = { [begin]: { id: begin, ids: [id], tokens: [begin] } }
  const processor = { type: 'TemplateProcessing', single, pair, special_tokens: tokens }
  return readTokenizer({ ...pairs.toJson(), post_processor: processor }, 'published')
}

const nets: readonly (readonly [kind: keyof typeof kinds, of: string, tokenizer: TokenizerChoice])[] = [
  ['GPT-2', 'characters', 'char'],
  ['GPT-2', 'byte pairs', pairs],
  ['Llama', 'byte pairs', pairs],
  ['Llama', 'byte pairs with a beginning', beginning()],
  ['own', 'byte pairs', pairs],
]

describe.each(nets)('%s with tokens of %s', (kind, _, tokenizer) => {
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
      expect(ids!.map(Number)).toEqual([...idsOf(model.tokenizer, prompt), ...expected[i]!.tokens])
      const [written] = (await generator(prompt, { ...greedy, return_full_text: false })) as [
        { generated_text: string },
      ]
      expect(written.generated_text).toBe(expected[i]!.text)
    }
    const all = (await generator(prompts, { ...greedy, return_full_text: false })) as [{ generated_text: string }][]
    expect(all.map(([written]) => written.generated_text)).toEqual(expected.map(({ text }) => text))
    await generator.dispose()
  })
})

test('adapters are merged and frozen parameters are exported like any other', async () => {
  const base = await textModel({ tokenizer: 'bpe:300', steps: 150 })
  const { train } = await shantyData('bpe:300')
  const options = { train, loss: crossEntropy, optimizer: adamW({ learningRate: 1e-2 }), threads: 1 }
  const net = (await base.snapshot()).net as SpecifiedNet
  const model = closing(await compile(lora(freeze(net, ['embed.**']), { rank: 2 }), options))
  await model.setWeights(await base.weights(), 'frozen')
  await model.fit({ steps: 20, batchSize: 8, progress: false })
  const [folder, run] = [fresh('exported'), fresh()]
  await model.exportFolder(folder, 'hugging-face')
  importRun(folder, { run })
  const plain = closing(await loadText(run, { threads: 1 }))
  const [before, after] = [await base.weights(), await plain.weights()]
  expect(Object.keys(after)).toEqual(Object.keys(before))
  const changed = Object.keys(after).filter((path) =>
    after[path]!.data.some((value, i) => value !== before[path]!.data[i]),
  )
  expect(changed).toEqual([0, 1].flatMap((i) => ['query', 'value'].map((map) => `blocks.${i}.attention.${map}.weight`)))
  const greedily = { tokens: 20, temperature: 0 }
  expect(await plain.complete(['Line 7'], greedily)).toEqual(await model.complete(['Line 7'], greedily))
})

test('what a format cannot hold is refused', async () => {
  const own = await textModel({ kind: 'own' })
  await expect(own.exportFolder(fresh(), 'hugging-face')).rejects.toThrow('in no family of transformers. gpt2: ')
  const rows = await small()
  await expect(rows.exportFolder(fresh(), 'hugging-face')).rejects.toThrow('a net of your own is in no family')
})
