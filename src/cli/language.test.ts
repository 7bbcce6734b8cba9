/** Every command of the lab says in Chinese what it says in English, in what it prints and in what it writes. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { englishIn, untranslated } from '../../test/english.ts'
import { runCommand } from '../../test/run-command.ts'
import { fresh } from '../../test/training.ts'
import { papers } from '../lab/claims/papers.ts'
import { onlyConstant } from '../lab/experiment/constant.test-kit.ts'
import { ownRecords, readRecords } from '../lab/experiment/records.ts'
import { config, testFolder, writeRun } from '../lab/run-report.test-kit.ts'
import { file, writeStudy } from '../lab/study/stored-study.test-kit.ts'
import { adviseCommand } from './advise.ts'
import { articleCommand } from './article.ts'
import { claimsCommand } from './claims.ts'
import { claimsCheckCommand } from './claims-check.ts'
import { claimsRunCommand } from './claims-run.ts'
import { compareCommand } from './compare.ts'
import { dissectCommand } from './dissect.ts'
import { exportCommand } from './export.ts'
import * as modules from './experiments.ts'
import { forecastCommand } from './forecast.ts'
import { probeCommand } from './probe.ts'
import { reportCommand } from './report.ts'
import { runsCommand } from './runs.ts'
import { studyCommand } from './study.ts'
import { trainCommand } from './train.ts'
import { verdictCommand } from './verdict.ts'
import { wiringsCommand } from './wirings.ts'

const root = testFolder()
const at = (name: string): string => join(root, name)

beforeAll(async () => {
  const summary = { state: 'done', step: 3, trainLoss: 0.5, loss: 0.25, right: 0.5 }
  writeRun(at('runs/plain'), { summary })
  const probes = Array.from({ length: 40 }, (_, i) => {
    const rms = i < 30 ? 1 + 0.01 * (i % 3) : 10 ** (i - 29)
    return { step: 10 * i, values: [[1, 1] as const, [rms, 1] as const, [2 * rms, i < 38 ? 1 : NaN] as const] }
  })
  const events = [
    { step: 200, type: 'plateau', level: 1.1 },
    { step: 250, type: 'evaluation', loss: 1, metrics: { right: 0.5 } },
    { step: 400, type: 'diverged', path: 'gradient of head.bias', message: 'step 400: head.bias' },
  ]
  const losses = Array.from({ length: 400 }, (_, i) => 2 + Math.cos(i))
  const broken = { summary: { ...summary, loss: NaN }, state: 'diverged', losses, probes, events } as const
  writeRun(at('runs/broken'), { ...broken, versions: { residua: '0.2.0' }, config: config({ train: 'other' }) })
  writeFileSync(join(writeRun(at('runs/torn')), 'events.jsonl'), '{')
  await writeStudy(at('study'))
  writeFileSync(at('study.json'), JSON.stringify(file))
  const lines = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i * 5) % 11},${i % 7 > 3 ? 'high' : 'low'}`)
  writeFileSync(at('points.csv'), `x,y,side\n${lines.join('\n')}\n`)
  const net = ['mlp', '--data', `${at('points.csv')}:side`, '--depth', '2', '--width', '8', '--steps', '4', '--quiet']
  await runCommand(trainCommand(), [...net, '--run', at('trained')])
}, 60_000)

vi.spyOn(modules, 'experimentWith').mockImplementation(onlyConstant)
afterEach(() => (process.exitCode = undefined))

interface Row {
  readonly command: () => Command
  /** `out` is a folder for what is written. */
  readonly args: (out: string) => readonly string[]
  /** Names that are the same in both languages. */
  readonly names?: readonly string[]
  /** Words in a row that make a sentence. Default 2. */
  readonly least?: number
}

const plain = (command: () => Command, ...args: string[]): Row => ({ command, args: () => args })
const stack = ['--width', '8', '--tokens', '4', '--seeds', '1']
const probe = (...args: string[]): Row => ({ command: probeCommand, args: (out) => [...stack, ...args, '--out', out] })
const forecast = (...args: string[]): Row => plain(forecastCommand, ...stack, ...args)
const sizes = ['--width', '8', '--seeds', '1', '--studies', 'nowhere']
const advise = (...args: string[]): Row => plain(adviseCommand, ...sizes, ...args)
const wiring = (text: string): string[] => ['--wiring', text]

const records = readRecords(ownRecords)
const names = [
  ...papers.flatMap(({ name, paper }) => [name, paper.authors]),
  ...records.flatMap(({ results }) => results.flatMap(({ arm, metrics }) => [arm, ...Object.keys(metrics)])),
  ...records.flatMap(({ findings }) => Object.keys(findings)),
]
const question = 'Does a skip help?'
const refused = [
  'brings its own stream; leave the skip out',
  'needs at least two branches in every block; use post for one',
]

const rows: Readonly<Record<string, Row>> = {
  'probe, sound': probe('--depth', '2,4'),
  'probe, unsound': probe('--depth', '12', ...wiring('{"norm":"none","branchScale":4}')),
  'probe, no skips': probe('--depth', '12', ...wiring('{"skip":"none"}')),
  'probe, warned of': probe('--depth', '20', ...wiring('{"placement":"post"}')),
  'probe, without a forecast': probe('--depth', '2', ...wiring('{"skip":"gru"}')),
  'forecast, sound': forecast('--depth', '2'),
  'forecast, unsound': forecast('--depth', '12', ...wiring('{"norm":"none","branchScale":4}')),
  'forecast, without one': forecast('--depth', '2', '--no-scan', ...wiring('{"skip":"gru"}')),
  'advise, sound': advise('--kind', 'encoder', '--depth', '2', '--length', '4'),
  'advise, unsound': advise('--kind', 'mlp', '--depth', '12', ...wiring('{"norm":"none","branchScale":4}')),
  'advise, warned of': advise('--kind', 'mlp', '--depth', '20', ...wiring('{"placement":"post"}')),
  'advise, another net': advise('--kind', 'resnet', '--depth', '3'),
  wirings: { ...plain(wiringsCommand), names: ['placement geodesic'] },
  runs: { command: runsCommand, args: () => [at('runs')], names: ['loss', 'right', 'wiring'], least: 1 },
  compare: { command: compareCommand, args: (out) => [at('runs/plain'), at('runs/broken'), '--out', out] },
  dissect: { command: dissectCommand, args: (out) => [at('trained'), '--out', out], names: ['logit lens'] },
  'report of a run': { command: reportCommand, args: (out) => [at('runs/broken'), '--out', out] },
  'report of a study': {
    command: reportCommand,
    args: (out) => [at('study'), '--out', out],
    names: [question, ...refused],
  },
  study: { command: studyCommand, args: () => [at('study.json'), '--show', '--folder', at('study')] },
  'export of a study': { command: exportCommand, args: (out) => [at('study'), '--out', `${out}.csv`], least: 1 },
  verdict: { command: verdictCommand, args: () => [at('study')], names: [question] },
  claims: plain(claimsCommand),
  'claims, one': { ...plain(claimsCommand, '9'), names },
  'claims, an experiment': { ...plain(claimsCommand, 'E3'), names },
  'claims, the book': { command: claimsCommand, args: (out) => ['--out', `${out}.html`], names },
  'claims, papers': { ...plain(claimsCommand, '--papers'), names },
  'claims run': { command: claimsRunCommand, args: (out) => ['E8', '--short', '--quiet', '--folder', out] },
  'claims check': { ...plain(claimsCheckCommand), names },
}

/** What the reports and figures of a folder say. */
const written = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(html|md|svg)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))

test.each(Object.entries(rows))('%s', { timeout: 60_000 }, async (_, { command, args, names: same, least }) => {
  const said = async (lang: string): Promise<string> => {
    const folder = fresh()
    mkdirSync(folder)
    const { out } = await runCommand(command(), [...args(join(folder, 'out')), '--lang', lang])
    return [out, ...written(folder)].join('\n').replaceAll(folder, '')
  }
  const [english, chinese] = [await said('en'), await said('zh')]
  expect(englishIn(english, least).size).toBeGreaterThan(0)
  expect(chinese).toMatch(/\p{Script=Han}/u)
  expect(untranslated(english, chinese, same, least)).toEqual([])
})

test('all of them take --lang, in the same words', () => {
  const commands = [...new Set([...Object.values(rows).map(({ command }) => command), articleCommand])]
  const flags = commands.map((make) => make().options.find(({ long }) => long === '--lang'))
  expect(
    new Set(flags.map((flag) => flag && [flag.flags, flag.description, flag.argChoices, flag.defaultValue].join())),
  ).toEqual(new Set(['--lang <language>,of what is printed and of reports,en,zh,en']))
})

test('text that is left in English is found', () => {
  const report = '<p>The runs differ: <code>npm run all</code></p>'
  expect([...englishIn(report)]).toEqual(['The runs differ'])
  expect(untranslated(report, '<p>The runs differ。</p>')).toEqual(['The runs differ'])
  expect(untranslated(report, '<p>各次运行不同。</p>')).toEqual([])
})
