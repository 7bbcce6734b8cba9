import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { closing, fresh } from '../../test/training.ts'
import { shantyData, textModel } from '../../test/text-model.ts'
import { readSafetensors } from '../files/safetensors.ts'
import { writeRun } from '../lab/run-report.test-kit.ts'
import { writeStudy } from '../lab/study/stored-study.test-kit.ts'
import { gpt } from '../models/gpt.ts'
import { lora } from '../models/lora.ts'
import { crossEntropy } from '../nn/loss.ts'
import { adamW } from '../optim/adam.ts'
import { compile } from '../train/compile.ts'
import type { RunEvent } from '../train/files/events.ts'
import type { LanguageModel } from '../train/language-model.ts'
import { exportCommand } from './export.ts'
import { csvOf } from './export-csv.ts'

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

describe('tables', () => {
  type Row = Readonly<Record<string, string>>
  const rowsIn = (path: string): Row[] => parse<Row>(readFileSync(path), { columns: true })

  test('of a study have a row for every cell that has ended', async () => {
    const [study, file, rest] = [fresh('study'), `${fresh('cells')}.csv`, `${fresh('cells')}.csv`]
    const plan = await writeStudy(study)
    const { out } = await exported(study, '--out', file)
    const rows = rowsIn(file)
    const arms = plan.arms.filter(({ refused }) => refused === null).map(({ name }) => name)
    expect(out).toBe(`${file}: ${arms.length * 6} rows, 10 columns\n`)
    expect(rows.map(({ arm, learningRate, seed }) => [arm, learningRate, seed])).toEqual(
      arms.flatMap((arm) => ['0.001', '0.01'].flatMap((rate) => ['0', '1', '2'].map((seed) => [arm, rate, seed]))),
    )
    const [first] = rows
    const result = JSON.parse(readFileSync(join(study, 'results', `${first!.cell}.json`), 'utf8')) as {
      outcome: { metrics: { accuracy: number } }
    }
    expect(first).toEqual({
      ...{ cell: first!.cell, commit: '', arm: arms[0], learningRate: '0.001', seed: '0' },
      ...{ outcome: 'trained', steps: '5', trainLoss: '1', loss: '1' },
      accuracy: String(result.outcome.metrics.accuracy),
    })

    rmSync(join(study, 'results', `${first!.cell}.json`))
    const chinese = await exported(study, '--out', rest, '--lang', 'zh')
    expect(chinese.out).toBe(`${rest}: ${rows.length - 1} 行，10 列\n尚缺：研究的 1 个单元\n`)
    expect(rowsIn(rest)).toEqual(rows.slice(1))
    const again = `${fresh('cells')}.csv`
    expect(json(await exported(study, '--out', again, '--json'))).toEqual({
      ...{ file: again, bytes: readFileSync(again).length, columns: Object.keys(first!), rows: rows.length - 1 },
      missing: 1,
    })
  })

  test('of a run have a row for every step, with what evaluations found', async () => {
    const file = `${fresh('steps')}.csv`
    const evaluation = (step: number, loss: number): RunEvent => ({
      ...{ step, type: 'evaluation', loss, metrics: { right: 0.25 } },
    })
    const run = writeRun(fresh('run'), {
      losses: [1 / 3, NaN, 1e-12],
      events: [evaluation(3, 0.5), evaluation(4, 0.75)],
    })
    await exported(run, '--out', file)
    expect(readFileSync(file, 'utf8')).toBe(
      [
        'step,time,loss,right,learningRate,evaluation.loss,evaluation.right',
        '1,0.1,0.3333333333333333,0.5,0.01,,',
        '2,0.2,NaN,0.5,0.01,,',
        '3,0.30000000000000004,1e-12,0.5,0.01,0.5,0.25',
        '4,,,,,0.75,0.25\n',
      ].join('\n'),
    )
  })

  test('of probes have a row for every value that was recorded', async () => {
    const [file, none] = [`${fresh('probes')}.csv`, `${fresh('probes')}.csv`]
    const values = [[1, 0.5] as const, [2, NaN] as const]
    const run = writeRun(fresh('run'), { probes: [10, 20].map((step) => ({ step, values })) })
    await exported(run, '--format', 'probes', '--out', file)
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      ...['step,site,probe,value', '10,input,rms,1', '20,input,rms,1'],
      ...['10,input,gradientNorm,0.5', '20,input,gradientNorm,0.5'],
      ...['10,blocks.0.stream,rms,2', '20,blocks.0.stream,rms,2', ''],
    ])
    const unprobed = exported(writeRun(fresh('run')), '--format', 'probes', '--out', none)
    await expect(unprobed).rejects.toThrow('expected recorded probes, got none')
    expect(existsSync(none)).toBe(false)
  })

  test('keep names from being formulas, quote what needs it, and leave numbers as they are', () => {
    const names = ['=1+1', '+a', '-b', '@c', '\tt', '\rr', 'plain, "deep"', "'x", 'a=b', '']
    const rows = names.map((name) => [name, -1.5, -Infinity, null])
    const text = csvOf({ columns: ['=name', 'value', 'end', 'none'], rows, missing: 0 })
    const [head, ...read] = parse(text, { relax_column_count: false })
    expect(head).toEqual(["'=name", 'value', 'end', 'none'])
    const kept = ["'=1+1", "'+a", "'-b", "'@c", "'\tt", "'\rr", 'plain, "deep"', "'x", 'a=b', '']
    expect(read).toEqual(kept.map((name) => [name, '-1.5', '-Infinity', '']))
  })

  test('replace no file, and come of runs and studies alone', async () => {
    const [study, file, taken] = [fresh('study'), `${fresh('cells')}.csv`, `${fresh('data')}.csv`]
    writeFileSync(taken, 'mine')
    const run = writeRun(fresh('run'))
    await expect(exported(run, '--out', taken)).rejects.toThrow('expected no such file. Choose another as --out')
    expect(readFileSync(taken, 'utf8')).toBe('mine')
    mkdirSync(study)
    await expect(exported(study, '--out', file)).rejects.toThrow('or of a study (plan.json), got neither')
    await writeStudy(study)
    await expect(exported(study, '--out', `${file}.onnx`)).rejects.toThrow('expected a run folder')
    await expect(exported(study, '--format', 'probes', '--out', file)).rejects.toThrow('expected a run folder')
    await expect(exported(run, '--format', 'csv', '--out', 'cells.txt')).rejects.toThrow('ends in .csv')
    expect(existsSync(file)).toBe(false)
  })

  test('of a study with an edited result are refused', async () => {
    const [study, file] = [fresh('study'), `${fresh('cells')}.csv`]
    await writeStudy(study)
    const results = join(study, 'results')
    const edited = join(results, readdirSync(results)[0]!)
    writeFileSync(edited, readFileSync(edited, 'utf8').replace('"step": 5', '"step": 6'))
    await expect(exported(study, '--out', file)).rejects.toThrow('its digest does not match')
    expect(existsSync(file)).toBe(false)
  })
})

test('a model is told of in Chinese too', async () => {
  const folder = fresh('out')
  const { out } = await exported(runs.text, '--format', 'transformers.js', '--out', folder, '--lang', 'zh')
  expect(out).toMatch(
    /: \d+ 字节，\d+ 个参数，第 20 步\n已在单独的会话中用 8 个词元的提示核对：与 predict 至多相差 0\.\d+\n$/,
  )
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
