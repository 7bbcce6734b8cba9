import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../test/run-program.ts'

const norms = resolve(import.meta.dirname, '../../experiments/norm-algebra.ts')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-study-cli-'))
  writeFileSync(join(folder, 'spiral.json'), JSON.stringify(file))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = {
  question: 'Does a skip help?',
  task: { name: 'spiral', options: { depth: 2, width: 8 } },
  arms: { grid: { skip: ['none', 'identity'] } },
  learningRates: [0.01],
  seeds: 3,
  steps: 6,
  metric: 'accuracy',
}

const residua = (...args: string[]): ReturnType<typeof runProgram> => runProgram(folder, ...args)

test(
  'residua study runs a file, reports in both languages, and says the same when asked again',
  { timeout: 120_000 },
  async () => {
    const { stdout, stderr } = await residua('study', 'spiral.json')
    expect(stdout).toMatch(/skip=identity +\d/)
    expect(stdout).toMatch(/n=3/)
    expect(stderr).toMatch(/6\/6 cells/)
    const report = readFileSync(join(folder, 'runs/studies/spiral/report.html'), 'utf8')
    expect(report).toContain('Does a skip help?')
    expect(report).toContain('<svg')
    const again = await residua('study', 'spiral.json', '--show', '--json')
    const summary = JSON.parse(again.stdout) as { cells: unknown; verdict: { sentence: { en: string } } }
    expect(summary.cells).toEqual({ done: 6, total: 6 })
    expect(stdout).toContain(summary.verdict.sentence.en)
    expect((await residua('study', 'spiral.json', '--show', '--lang', 'zh')).stdout).toMatch(/学习率 0\.01/)
  },
)

test('a YAML file is the same study as the JSON file that says the same', async () => {
  const text = `question: Does a skip help?
task: { name: spiral, options: { depth: 2, width: 8 } }
arms: { grid: { skip: [none, identity] } }
learningRates: [1e-2]
seeds: 3
steps: 6
metric: accuracy
`
  writeFileSync(join(folder, 'spiral.yaml'), text)
  const shown = await residua('study', 'spiral.yaml', '--show', '--json')
  expect(shown.stdout).toBe((await residua('study', 'spiral.json', '--show', '--json')).stdout)
})

const grid = (factor: string, ...levels: unknown[]): object => ({ grid: { [factor]: levels } })
const rule = {
  ...{ kind: 'best', arms: ['skip=none', 'skip=identity'], metric: 'accuracy', better: 'higher', smallest: 0.01 },
}

test.each<readonly [string, string | object, RegExp]>([
  ['torn.json', '{"question":', /expected JSON/],
  ['array.json', [], /expected object, received array/],
  ['bad.yaml', 'question: [', /expected YAML, got Flow sequence .* at line 1, column 12$/],
  ['tag.yaml', 'question: !!foo bar', /expected YAML, got Unresolved tag: .*foo/],
  ['alias.yaml', 'question: *x', /expected YAML, got Unresolved alias/],
  ['field.json', { ...file, foo: 1 }, /Unrecognized key: "foo"/],
  ['task.json', { ...file, task: 'spirals' }, /task: unknown name 'spirals', did you mean 'spiral'/],
  ['metric.json', { ...file, metric: 'toString' }, /study: spiral does not measure 'toString'/],
  ['seeds.json', { ...file, seeds: 0 }, /study: seeds must be a whole number of at least 1/],
  ['arms.json', { ...file, arms: grid('skips', 'none') }, /there is no factor skips/],
  [
    'batch.json',
    { ...file, batchSize: 901 },
    /study: batchSize must be at most 900, the training examples of 'skip=none', got 901$/,
  ],
  [
    'training.json',
    { ...file, training: { beta1: 3 } },
    /no arm can be trained\. .*\(adamW: beta1 must be in \[0, 1\), got 3\)/,
  ],
  [
    'decay.json',
    { ...file, arms: grid('weightDecay', null, 'x', 0.1) },
    /one arm that can be trained, .*\(training: weightDecay must be a number, got null\)/,
  ],
  ['rule.json', { ...file, rule: { kind: 'besst' } }, /rule: unknown name 'besst', did you mean 'best'/],
  [
    'large.json',
    { ...file, rule: { ...rule, large: 0.001 } },
    /study: rule: large must be at least smallest, 0\.01, got 0\.001/,
  ],
  [
    'better.json',
    { ...file, rule: { ...rule, better: 'lower' } },
    /rule: better must be 'higher', which is better of accuracy in this task, got 'lower'/,
  ],
  [
    'loss.json',
    { ...file, rule: { ...rule, metric: 'loss' } },
    /rule: better must be 'lower', which is better of loss in this task, got 'higher'/,
  ],
  ['none.mjs', 'export const a = 1', /expected a study or an experiment as default export/],
  ['throws.mjs', 'throw new Error("no")', /it cannot be loaded: no$/],
])(
  'what is wrong in a file is said in one line that names it, with exit code 1: %s',
  async (name, content, message) => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    const { code, stderr } = await residua('study', path).then(
      () => ({ code: 0, stderr: '' }),
      (error: unknown) => error as { readonly code: number; readonly stderr: string },
    )
    expect([code, stderr.split('\n').length]).toEqual([1, 2])
    expect(stderr).toMatch(/^residua: \//)
    expect(stderr.trimEnd().slice(`residua: ${path}: `.length)).toMatch(message)
    expect(stderr.split(name)).toHaveLength(2)
  },
)

test.each(['missing.json', 'missing.yaml', 'missing.mjs'])(
  'a file that is missing has the same exit code: %s',
  async (name) => {
    await expect(residua('study', name)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^residua: ${name}: .*missing: check the path\n$`, 'i')) as string,
    })
  },
)

test.each([
  ['to show what is there, of an experiment', [norms, '--show'], /--show: \S+norm-algebra\.ts is an experiment/],
  ['probes, of an experiment', [norms, '--probe-every', '5'], /--probe-every: \S+norm-algebra\.ts is an experiment/],
  [
    'the short form of a study',
    ['spiral.json', '--short'],
    /--short: spiral\.json is a study, which has no short form/,
  ],
])('is refused, and runs nothing: %s', async (_, args, message) => {
  await expect(residua('study', ...args)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message) as string,
  })
})

test('a record of the short form does not take the place of a full one', async () => {
  mkdirSync(join(folder, 'records'))
  const path = join(folder, 'records/E1.json')
  cpSync(resolve(import.meta.dirname, '../../results/E1.json'), path)
  const before = readFileSync(path, 'utf8')
  await expect(residua('claims', 'run', 'E1', '--short', '--results', 'records')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/E1\.json: the short form would replace the full one/) as string,
  })
  expect(readFileSync(path, 'utf8')).toBe(before)
})

test('residua claims lists all statements, shows one, and refuses a number that is not there', async () => {
  const { stdout } = await residua('claims')
  expect(stdout.trimEnd().split('\n')).toHaveLength(74)
  expect((await residua('claims', '9', '--lang', 'zh')).stdout).toMatch(/^9\. .*层归一化/)
  await expect(residua('claims', '75')).rejects.toMatchObject({ code: 2 })
  await expect(residua('claims', '--results', 'other', 'check')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--results belongs behind the subcommand; see residua claims check --help/) as string,
  })
})
