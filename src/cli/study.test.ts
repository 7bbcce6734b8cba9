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
  writeFileSync(join(folder, 'bad.yaml'), 'question: [')
  await expect(residua('study', 'bad.yaml')).rejects.toMatchObject({
    stderr: expect.stringMatching(/^residua: bad\.yaml: expected YAML, got/) as string,
  })
})

test('a file that is no study is refused in one line', async () => {
  writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...file, task: 'spirals' }))
  await expect(residua('study', 'bad.json')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^residua: .*spirals.*spiral/) as string,
  })
  await expect(residua('study', 'missing.json')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^residua: missing\.json/) as string,
  })
})

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
