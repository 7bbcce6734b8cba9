import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { DataError, OptionError } from '../errors.ts'
import { corpus } from '../data/text/corpus.ts'
import { dataCommand } from './data.ts'

const root = mkdtempSync(join(tmpdir(), 'residua-data-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => {
  process.exitCode = undefined
})

let outputs = 0
const fresh = (): string => join(root, `corpus-${outputs++}`)

const run = (...args: string[]): Promise<Written> => runCommand(dataCommand(), args)
const prepare = (out: string, ...args: string[]): Promise<Written> => run('prepare', '--out', out, ...args)

function write(name: string, content: string): string {
  const path = join(root, name)
  writeFileSync(path, content)
  return path
}

test('files, folders and globs become a corpus, which is shown', async () => {
  mkdirSync(join(root, 'books'))
  write('books/a.txt', 'the first book of all\n')
  write('books/b.md', 'the second book\x1b[2J\n')
  write('more.jsonl', '{"text":"a line"}\n{"text":"another line"}\n')
  const folder = fresh()
  const sources = [join(root, 'books'), join(root, 'mor?.jsonl')]
  const made = await prepare(folder, '--text', ...sources, '--tokenizer', 'byte', '--validation', '0.25', '--seed', '3')
  expect(made.err).toBe('')
  expect(made.out.replaceAll(folder, 'FOLDER')).toMatchInlineSnapshot(`
    "corpus      FOLDER
    text        books+mor?
    tokenizer   byte
    vocabulary  257
    dtype       uint16
    seed        3

    part        documents  tokens  bytes  bytes/token
    train       3          56      54     0.964286
    validation  1          6       6      1
    "
  `)

  const shown = await run('show', folder, '--tokens', '11', '--verify')
  expect(shown.out.startsWith(made.out)).toBe(true)
  expect(shown.out.slice(made.out.length)).toMatchInlineSnapshot(`
    "
    train begins:
    the first b

    validation begins:
    a lin
    "
  `)
})

test('JSON', async () => {
  const folder = fresh()
  const made = await prepare(folder, '--text', write('a.txt', 'abcdefghijabcdefghij'), '--tokenizer', 'char', '--json')
  const record = JSON.parse(readFileSync(join(folder, 'corpus.json'), 'utf8')) as object
  expect(JSON.parse(made.out)).toEqual({ folder, ...record })
  const { out } = await run('show', folder, '--json')
  expect(JSON.parse(out)).toEqual({ folder, ...record, begins: { train: 'abcdefghijabcdefg', validation: 'i' } })
})

test('Moby-Dick with byte pairs, and once more with its tokenizer.json', async () => {
  const [first, second] = [fresh(), fresh()]
  const { out } = await prepare(first, '--text', 'moby-dick', '--tokenizer', 'bpe:300', '--quiet')
  expect(out).toMatch(/tokenizer +bpe:300\nvocabulary +300\nlearnt from +1\d{6} characters of train\n/)
  const tokenizer = join(first, 'tokenizer.json')
  await prepare(second, '--text', 'moby-dick', '--tokenizer', tokenizer, '--validation', '0.1')
  expect(readFileSync(join(second, 'train.tokens')).equals(readFileSync(join(first, 'train.tokens')))).toBe(true)
  const { record } = corpus(second, { context: 8 })
  expect([record.tokenizer.learntFrom, record.tokenizer.vocabulary]).toEqual([null, 300])
})

test('a separator within a file, and no validation', async () => {
  const folder = fresh()
  const path = write('stories.txt', 'one\n<end>\ntwo\n<end>\nthree\n')
  await prepare(folder, '--text', path, '--separator', '<end>', '--tokenizer', 'byte', '--validation', '0')
  const { record, train, tokenizer } = corpus(folder, { context: 12 })
  const ids = new Int32Array(12)
  train.inputs.gather([0], ids)
  expect(tokenizer.decode(ids)).toBe('one<|endoftext|>two<|endoftext|>thre')
  expect([record.parts.train.documents, record.parts.validation]).toEqual([3, null])
  expect((await run('show', folder)).out).not.toContain('validation')
})

test('Ctrl-C while it is encoded leaves no folder', async () => {
  const path = write('many.jsonl', '{"text":"one of many lines"}\n'.repeat(300_000))
  const folder = fresh()
  const before = process.listenerCount('SIGINT')
  const names = readdirSync(root)
  const watch = setInterval(() => {
    if (process.listenerCount('SIGINT') > before) process.emit('SIGINT', 'SIGINT')
  })
  const { out, err } = await prepare(folder, '--text', path, '--tokenizer', 'byte')
  clearInterval(watch)
  expect(out).toBe('')
  expect(err).toMatch(/finishing this step.*\nresidua: stopped; .*corpus-\d+ was not made\n$/)
  expect(process.exitCode).toBe(130)
  expect(process.listenerCount('SIGINT')).toBe(before)
  expect(readdirSync(root)).toEqual(names)
})

test.each([
  [['--text', 'missing.txt', '--tokenizer', 'byte'], DataError, 'missing.txt: there is no such file or folder'],
  [
    ['--text', 'package.json', '--tokenizer', 'bpe'],
    OptionError,
    'expected tokenizer to be char, byte, bpe:<vocabulary>',
  ],
  [['--text', 'package.json', '--tokenizer', 'no.json'], DataError, 'no.json: cannot read (ENOENT)'],
  [['--text', 'package.json', '--tokenizer', 'package.json'], DataError, 'package.json: '],
  [['--text', 'package.json', '--tokenizer', 'byte', '--validation', '1'], Error, 'Expected a number >= 0 and < 1'],
  [['--text', 'package.json'], Error, "required option '--tokenizer <name>' not specified"],
  [['--tokenizer', 'byte'], Error, "required option '--text <sources...>' not specified"],
] as const)('%j', async (args, type, message) => {
  const folder = fresh()
  const preparing = prepare(folder, ...args)
  await expect(preparing).rejects.toThrow(type)
  await expect(preparing).rejects.toThrow(message)
  expect(existsSync(folder)).toBe(false)
})

test('a folder in use, and one that is no corpus', async () => {
  await expect(prepare(root, '--text', 'package.json', '--tokenizer', 'byte')).rejects.toThrow(
    'expected a folder that does not exist yet',
  )
  await expect(run('show', root)).rejects.toThrow('corpus.json: cannot read (ENOENT)')
})

test.each(['prepare', 'show'])('help of %s has examples', (name) => {
  let help = ''
  const command = dataCommand().commands.find((one) => one.name() === name)!
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  expect(help).toMatch(new RegExp(`Usage: .*${name} [^]*Examples:\\n  residua data ${name} `))
})
