import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shanty, shantyData, textModel } from '../../test/text-model.ts'
import { bits, closing, fresh, small } from '../../test/training.ts'
import { text } from '../data/text/text.ts'
import { adamW } from '../optim/adam.ts'
import { loadText } from './compile.ts'
import { readRun } from './files/run-folder.ts'
import { finetune, type FinetuneOptions } from './finetune.ts'
import { importRun } from './hub/import-run.ts'
import type { LanguageModel } from './language-model.ts'

const optimizer = adamW({ learningRate: 3e-3 })

async function tuned(run: string, options: Partial<FinetuneOptions> = {}): Promise<LanguageModel> {
  const { train } = await shantyData('bpe:300')
  return closing(await finetune(run, { train, optimizer, threads: 1, ...options }))
}

const fit = (model: LanguageModel, run: string, steps: number, resume = false): Promise<unknown> =>
  model.fit({ run, steps, resume, batchSize: 8, progress: false })

async function base(steps = 20): Promise<{ run: string; model: LanguageModel }> {
  const run = fresh()
  return { run, model: await textModel({ tokenizer: 'bpe:300', steps, run }) }
}

describe('all weights', () => {
  test('begin where the run is and become a run of their own, which is resumed bit for bit', async () => {
    const { run, model } = await base()
    const whole = await tuned(run)
    expect(await whole.weights()).toEqual(await model.weights())
    expect(whole.step).toBe(0)
    await fit(whole, fresh(), 6)

    const target = fresh()
    const begun = await tuned(run)
    for await (const event of begun.train({ run: target, steps: 6, batchSize: 8 })) {
      if (event.type === 'step' && event.step === 3) break
    }
    const resumed = await tuned(run)
    await fit(resumed, target, 6, true)
    expect(bits(await resumed.weights())).toEqual(bits(await whole.weights()))
    expect(bits(await closing(await loadText(target, { threads: 1 })).weights())).toEqual(bits(await whole.weights()))
    const { train } = await shantyData('bpe:300')
    expect((await whole.evaluate(train)).loss).toBeLessThan((await model.evaluate(train)).loss)
  })

  test('with shorter examples than those of the run', async () => {
    const { run } = await base(1)
    const { train } = await text(shanty, { tokenizer: 'bpe:300', context: 8 })
    const model = await tuned(run, { train })
    await fit(model, fresh(), 1)
    expect((await model.weights())['positions.weight']!.shape).toEqual([96, 32])
  })
})

test('the tokens that end a text are those of the run', async () => {
  const { model } = await base(1)
  const folder = fresh('published')
  await model.exportFolder(folder, 'hugging-face')
  const ends = [model.tokenizer.separator!, 7]
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: ends }))
  const [run, target] = [fresh(), fresh()]
  importRun(folder, { run })
  await fit(await tuned(run), target, 1)
  expect(readRun(target).config.text).toEqual({ tokenizer: 'bpe:300', separator: ends[0], ends })
})

describe('adapters', () => {
  test('leave the weights of the run as they are, and are stored apart', async () => {
    const { run, model } = await base()
    const target = fresh()
    const first = await tuned(run, { lora: { rank: 2, targets: ['blocks.*.attention.*'] } })
    const prompt = ['Line 7']
    const greedy = { tokens: 20, temperature: 0 }
    expect(await first.complete(prompt, greedy)).toEqual(await model.complete(prompt, greedy))
    await fit(first, target, 15)
    expect(await first.weights('frozen')).toEqual(await model.weights())
    const adapters = await first.weights('trained')
    expect(Object.keys(adapters)).toHaveLength(2 * 4 * 2)
    const { train } = await shantyData('bpe:300')
    const { loss } = await first.evaluate(train)
    expect(loss).toBeLessThan((await model.evaluate(train)).loss)

    const loaded = closing(await loadText(target, { threads: 1 }))
    expect(await loaded.weights()).toEqual(await first.weights())
    const again = await tuned(run, { lora: { rank: 2, targets: ['blocks.*.attention.*'] } })
    await again.setWeights(adapters, 'trained')
    expect(await again.complete(prompt, greedy)).toEqual(await first.complete(prompt, greedy))

    const merged = await tuned(target)
    expect(Object.keys(await merged.weights()).sort()).toEqual(Object.keys(await model.weights()).sort())
    expect((await merged.evaluate(train)).loss).toBeCloseTo(loss, 5)
  })
})

test('what is no text in the tokens of the run is refused', async () => {
  const { run } = await base(1)
  const other = await shantyData('char')
  await expect(tuned(run, { train: other.train })).rejects.toThrow('has other tokens than')
  const { train: long } = await text(shanty, { tokenizer: 'bpe:300', context: 97 })
  await expect(tuned(run, { train: long })).rejects.toThrow('expected examples of at most 96 tokens')
  const rows = fresh()
  await (await small()).fit({ steps: 1, run: rows, progress: false })
  await expect(tuned(rows)).rejects.toThrow('expected a run on text')
  await expect(tuned(fresh('none'))).rejects.toThrow('expected a run folder')
})
