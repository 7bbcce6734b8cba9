/** Real processes: `kill -9` while checkpoints are written, and many that want one run folder. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCheckpoint } from './checkpoint.ts'

const source = resolve(import.meta.dirname, '../..')
let root: string

/** Translates a module and what it imports to JavaScript below `root`, since Node 20 runs no TypeScript. */
function translate(path: string): void {
  const target = join(root, 'js', relative(source, path)).replace(/\.ts$/, '.js')
  if (existsSync(target)) return
  const text = readFileSync(path, 'utf8')
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  })
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, outputText)
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    if (fileName.startsWith('.')) translate(resolve(dirname(path), fileName))
  }
}

beforeAll(() => {
  const cache = resolve(source, '../node_modules/.cache') // inside the package, so that imports of zod resolve
  mkdirSync(cache, { recursive: true })
  root = mkdtempSync(join(cache, 'residua-'))
  for (const name of ['checkpoint.ts', 'lock.ts']) translate(resolve(import.meta.dirname, name))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

function child(name: string, script: string, ...args: string[]): ChildProcess {
  const path = join(root, `${name}.js`)
  writeFileSync(path, script)
  return spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

const saver = `
import { saveCheckpoint } from './js/train/files/checkpoint.js'
const [folder, first] = process.argv.slice(2)
for (let step = Number(first); ; step++) {
  const data = new Float32Array(20000).fill(step)
  saveCheckpoint(folder, { step, tensors: { w: { dtype: 'float32', shape: [20000], data } }, state: { step } })
  console.log(step)
}`

test('kill -9 at any moment loses at most the checkpoint being written', async () => {
  const folder = join(root, 'killed')
  let saved = -1
  for (let round = 0; round < 6; round++) {
    const process = child('saver', saver, folder, String(saved + 1))
    const lines = createInterface({ input: process.stdout as NodeJS.ReadableStream })
    let seen = 0
    lines.on('line', (line) => {
      saved = Number(line)
      if (++seen === 3) setTimeout(() => process.kill('SIGKILL'), round * 1.3)
    })
    await Promise.all([once(process, 'exit'), once(lines, 'close')])
    const { step, tensors, state, skipped } = loadCheckpoint(folder)
    expect(seen).toBeGreaterThanOrEqual(3)
    expect(skipped).toEqual([])
    expect(step).toBeGreaterThanOrEqual(saved)
    expect(step).toBeLessThanOrEqual(saved + 1)
    expect(state).toEqual({ step })
    expect(tensors.w?.data.every((value) => value === step)).toBe(true)
    saved = step
  }
})

const contender = `
import { lockRun } from './js/train/files/lock.js'
process.stdin.once('data', () => {
  try {
    lockRun(process.argv[2])
    console.log('won')
  } catch (error) {
    console.log(error.name + ': ' + error.message)
  }
  process.stdin.once('data', () => process.exit())
})
console.log('ready')`

test('of many processes that find a dead lock one takes it, and a killed one gives it up', async () => {
  const folder = join(root, 'contended')
  mkdirSync(folder)
  for (let round = 0; round < 3; round++) {
    const children = Array.from({ length: 6 }, () => child('contender', contender, folder))
    const answers = children.map((process) =>
      createInterface({ input: process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator](),
    )
    for (const answer of answers) expect((await answer.next()).value).toBe('ready')
    for (const process of children) process.stdin?.write('go\n')
    const words = await Promise.all(answers.map(async (answer) => String((await answer.next()).value)))
    const winner = words.indexOf('won')
    expect(
      words.filter((word) => word === 'won'),
      words.join('\n'),
    ).toHaveLength(1)
    for (const word of words) expect(word).toMatch(/^won$|^OptionError: run folder .* is in use by process \d+;/)
    const exits = children.map((process) => once(process, 'exit'))
    for (const process of children) process.kill('SIGKILL')
    await Promise.all(exits)
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: children[winner]?.pid })
  }
})
