import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { safeParse } from 'zod/mini'
import { OptionError } from '../src/errors.ts'
import type { Placement, Seat } from '../src/nn/wiring/protocol.ts'
import { inits, norms, placements, skips } from '../src/nn/wiring/tables.ts'
import { make, type Variant } from '../src/nn/wiring/variant.ts'
import { resolveWiring, warningsOf, type Wiring } from '../src/nn/wiring/wiring.ts'

const root = resolve(import.meta.dirname, '..')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const guides = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...guides.map((file) => `docs/${file}`)]
const page = textOf('docs/wirings.md')

/** What stands between two spans of code marks. */
const codeIn = (text: string): string[] => Array.from(text.matchAll(/`([^`]+)`/g), ([, code]) => code!)

/** The text under a heading of the page. */
function section(heading: string): string {
  const found = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`no section '${heading}'`)
  return found
}

/** The rows of a section's table: cells by the names of their columns. */
function rowsOf(text: string): Record<string, string>[] {
  const rows = Array.from(text.matchAll(/^\|(.*)\|$/gm), ([, row]) => row!.split('|').map((cell) => cell.trim()))
  const [head, , ...body] = rows as [string[], string[], ...string[][]]
  return body.map((cells) => Object.fromEntries(cells.map((cell, i) => [head[i]!, cell])))
}

/** The items of a section's list, each on one line. */
const itemsOf = (text: string): string[] =>
  Array.from(text.matchAll(/^- (.*(?:\n {2}.*)*)/gm), ([, item]) => item!.replaceAll(/\s+/g, ' '))

/** The placements that a section says a name does not go with. */
function refusedIn(text: string, name: string, known: readonly string[]): string[] {
  const ofName = itemsOf(text).filter((item) => codeIn(/^[^:]*/.exec(item)![0]).includes(name))
  return ofName.flatMap((item) => {
    const found = /\b(not|only) with ((?:`\w+`(?:, )?)+)/.exec(item)
    if (found === null) return []
    const named = codeIn(found[2]!)
    return found[1] === 'not' ? named : known.filter((placement) => !named.includes(placement))
  })
}

const isRefused = (wiring: Wiring): boolean => {
  try {
    resolveWiring(wiring)
    return false
  } catch (error) {
    if (error instanceof OptionError) return true
    throw error
  }
}

const at: Seat = { block: 0, blocks: 4, seat: 0, seats: 1, index: 0, count: 4, kind: 'feedForward' }
const placed = (name: string): Placement => make('placement', placements, name)

type Axis = readonly [
  heading: string,
  table: Readonly<Record<string, Variant<object>>>,
  law: ((name: string) => unknown) | null,
]
const axes: readonly Axis[] = [
  ['Skips', skips, (name): unknown => make('skip', skips, name).law],
  ['Norms', norms, (name): unknown => make('norm', norms, name).law],
  ['Placements', placements, (name): unknown => placed(name).law?.(at)],
  ['Initial values', inits, null],
]

describe.each(axes)('docs/wirings.md, %s', (heading, table, law) => {
  const rows = rowsOf(section(heading))
  const nameOf = ({ name }: Record<string, string>): string => codeIn(name!)[0]!

  test('are those of the table', () => {
    expect(rows.map(nameOf).toSorted()).toEqual(Object.keys(table).toSorted())
  })

  test('have the options and defaults of the table', () => {
    const defaults = ({ options }: Variant<object>): object =>
      Object.fromEntries(Object.entries(options).map(([name, schema]) => [name, safeParse(schema, undefined).data]))
    const stated = (cell: string): object =>
      Object.fromEntries(
        codeIn(cell).map((code) => {
          const [name, value] = code.split(' = ') as [string, string]
          return [name, JSON.parse(value) as unknown]
        }),
      )
    for (const row of rows) expect(stated(row.options!), nameOf(row)).toEqual(defaults(table[nameOf(row)]!))
  })

  test('have a law where the table has one', () => {
    for (const row of rows) expect((row.law ?? '-') !== '-', nameOf(row)).toBe(law?.(nameOf(row)) !== undefined)
  })

  test('have a formula and a source', () => {
    for (const { formula, source } of rows) for (const cell of [formula, source]) expect(cell).not.toBe('')
  })
})

test('docs/wirings.md says which placement every skip and every norm does not go with', () => {
  const all = Object.keys(placements)
  const ownStream = all.filter((name) => placed(name).skip)
  const others = all.filter((name) => !ownStream.includes(name))
  for (const name of Object.keys(skips)) {
    const refused = others.filter((placement) => isRefused({ skip: name, placement }))
    expect(refusedIn(section('Skips'), name, others).toSorted(), name).toEqual(refused.toSorted())
    if (name !== 'identity') for (const placement of ownStream) expect(isRefused({ skip: name, placement })).toBe(true)
  }
  for (const name of Object.keys(norms)) {
    const refused = all.filter((placement) => isRefused({ norm: name, placement }))
    expect(refusedIn(section('Norms'), name, all).toSorted(), name).toEqual(refused.toSorted())
  }
  expect(section('Placements')).toContain(
    `- ${ownStream.map((name) => `\`${name}\``).join(', ')}: bring their own stream`,
  )
})

test('docs/wirings.md says what every placement sets beside itself', () => {
  for (const { name, also } of rowsOf(section('Placements'))) {
    const rule = placed(codeIn(name!)[0]!)
    const fields = (['finalNorm', 'embedNorm', 'qkNorm'] as const).filter((field) => rule[field])
    expect(codeIn(also!), name).toEqual(fields)
  }
})

test('README.md names no variant that is not there', () => {
  const tables: Readonly<Record<string, object>> = { skip: skips, norm: norms, placement: placements, init: inits }
  const rows = rowsOf(textOf('README.md'))
  expect(rows.map(({ field }) => codeIn(field!)[0])).toEqual(Object.keys(tables))
  for (const { field, 'among others': names } of rows)
    expect(Object.keys(tables[codeIn(field!)[0]!]!)).toEqual(expect.arrayContaining(codeIn(names!)))
})

/** An object as it is written in TypeScript or JSON. */
const parsed = (text: string): unknown =>
  JSON.parse(text.replaceAll("'", '"').replaceAll(/([{,]\s*)(\w+):/g, '$1"$2":')) as unknown

const refusals = rowsOf(section('What is refused, and what is warned about'))

test.each(refusals)('$wiring is $is', ({ wiring, is, 'with the words': words }) => {
  const asked = parsed(codeIn(wiring!)[0]!) as Wiring
  if (is === 'refused') expect(() => resolveWiring(asked)).toThrow(words!)
  else expect(warningsOf(asked, { seats: 32, warmupSteps: 0 })).toEqual([words])
})

/** Every object in a text that reads as a wiring. */
const wiringsIn = (text: string): Wiring[] =>
  Array.from(text.matchAll(/\{(?:[^{}]|\{[^{}]*\})*\}/g), ([found]) => found)
    .map((found) => /\bwiring: (\{[^{}]*\})/.exec(found)?.[1] ?? found)
    .filter((found) => /\b(skip|norm|placement)\b['"]?:(?!\s*\[)/.test(found)) // not the levels of a grid
    .map((found) => parsed(found) as Wiring & { readonly wiring?: Wiring })
    .map((found) => found.wiring ?? found)

const refused = refusals
  .filter(({ is }) => is === 'refused')
  .map(({ wiring }) => JSON.stringify(parsed(codeIn(wiring!)[0]!)))
const accepted = documents.flatMap((file) =>
  wiringsIn(textOf(file))
    .map((wiring) => JSON.stringify(wiring))
    .filter((wiring) => !refused.includes(wiring))
    .map((wiring) => [file, wiring] as const),
)

test('wirings are shown', () => expect(accepted.length).toBeGreaterThan(20))

test.each(accepted)('%s: %s is accepted', (_, wiring) => {
  expect(() => resolveWiring(JSON.parse(wiring) as Wiring)).not.toThrow()
})

test.each(documents)('%s names no file and no link target that is not there', (file) => {
  const text = textOf(file)
  const isThere = (path: string): boolean => [root, join(root, 'src')].some((folder) => existsSync(join(folder, path)))
  const ofSource = (path: string): string => path.replace(/^dist\/((?:examples|experiments)\/.*)\.js$/, '$1.ts')
  const paths = text
    .split(/[\s`'"(),]+/)
    .filter((word) => /^[\w.-]+\/[\w./-]*(?:\/|\.(?:ts|mjs|js|py|json|md|svg))$/.test(word))
    .filter((word) => !/NAME|^(?:runs|checkpoints|step-\d+)\//.test(word))
  for (const path of paths) expect(isThere(ofSource(path)), path).toBe(true)
  for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
    const [path, anchor] = target!.split('#') as [string, string?]
    if (/^https?:/.test(path)) continue
    const linked = path === '' ? file : join(dirname(file), path)
    expect(existsSync(join(root, linked)), target).toBe(true)
    if (anchor === undefined) continue
    const anchors = Array.from(textOf(linked).matchAll(/^#+ (.*)$/gm), ([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    expect(anchors, target).toContain(anchor)
  }
})
