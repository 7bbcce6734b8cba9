import { Readable } from 'node:stream'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { fresh, small } from '../../test/training.ts'
import { textModel } from '../../test/text-model.ts'
import type { LanguageModel } from '../train/language-model.ts'
import { generateCommand } from './generate.ts'

const folder = fresh()
let model: LanguageModel
beforeAll(async () => {
  model = await textModel({ tokenizer: 'bpe:300', steps: 60, run: folder })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const generate = (...args: string[]): Promise<Written> =>
  runCommand(generateCommand(), [folder, '--threads', '1', ...args])

test('prints what the model writes, and figures on standard error', async () => {
  const greedy = { tokens: 30, temperature: 0 }
  const [expected] = await model.complete(['Line 7'], greedy)
  const { out, err } = await generate('--prompt', 'Line 7', '--tokens', '30', '--temperature', '0')
  expect(out).toBe(`${expected!.text}\n`)
  expect(err).toMatch(/^30 tokens in \d+\.\d\d s, \d+\.\d tokens\/s\n$/)
  expect(process.exitCode).toBeUndefined()
})

test('all options reach the model', async () => {
  const options = { tokens: 25, temperature: 0.7, topK: 9, topP: 0.9, minP: 0.05, repetitionPenalty: 1.3, seed: 5 }
  const written = await model.complete(['Line 5', 'Line 5'], { ...options, stop: ['\n', 'ship'] })
  expect(written[0]!.text).not.toBe(written[1]!.text)
  expect(written.map(({ reason }) => reason)).toContain('stop')
  const args = Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ])
  const both = ['--prompt', 'Line 5', ...args, '--stop', '\\n', '--stop', 'ship', '--count', '2']
  const { out } = await generate(...both, '--quiet')
  expect(out).toBe(`${written[0]!.text}\n---\n${written[1]!.text}\n`)
  const json = await generate(...both, '--json', '--quiet')
  expect(json.err).toBe('')
  const rows = json.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  const wanted = written.map(({ tokens, ...rest }, index) => ({
    index,
    prompt: 'Line 5',
    ...rest,
    tokens: [...tokens],
  }))
  expect(rows).toEqual(wanted)
})

test('a prompt from standard input, and the beginning of a text', async () => {
  const greedy = ['--tokens', '8', '--temperature', '0', '--quiet']
  const [read, begun] = await model.complete(['ship\n', ''], { tokens: 8, temperature: 0 })
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from('sh'), Buffer.from('ip\n')]) as never)
  expect((await generate('--prompt', '-', ...greedy)).out).toBe(`${read!.text}\n`)
  expect((await generate(...greedy)).out).toBe(`${begun!.text}\n`)
})

test('Ctrl-C ends the text where it is', async () => {
  let pieces = 0
  const args = [folder, '--threads', '1', '--prompt', 'Line', '--tokens', '80', '--temperature', '0']
  const { out, err } = await runCommand(generateCommand(), args, () => {
    if (++pieces === 3) process.emit('SIGINT', 'SIGINT')
  })
  const [whole] = await model.complete(['Line'], { tokens: 80, temperature: 0 })
  expect(out.length).toBeLessThan(whole!.text.length / 2)
  expect(whole!.text.startsWith(out.trimEnd())).toBe(true)
  expect(err).toMatch(/finishing this step.*\n\d+ tokens in /)
  expect(process.exitCode).toBe(130)
})

test('a run without text, and options out of range, are refused', async () => {
  const rows = fresh()
  await (await small()).fit({ steps: 1, run: rows, progress: false })
  const refused = runCommand(generateCommand(), [rows])
  await expect(refused).rejects.toThrow('expected a run on text, but it has no tokenizer')
  await expect(generate('--top-p', '0')).rejects.toThrow('above 0, at most 1')
  await expect(generate('--tokens', '0')).rejects.toThrow('Expected a whole number >= 1')
  await expect(generate('--stop', '')).rejects.toThrow('a stop string needs at least one character')
})
