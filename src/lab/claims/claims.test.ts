import { expect, test } from 'vitest'
import { claims, experimentOf, experiments, papers, pilots, type Text } from './index.ts'

/** Claim to experiments, in the words of the table of claims; `-` where nothing can be run. */
const experimentsOfClaims = `
  1 E3 E12 E22 | 2 E22 | 3 E35 | 4 E3 E12 | 5 E39 | 6 E3 E23 E26 | 7 E14 | 8 E7f | 9 E3 E23 E26 | 10 E12 E13
  11 E10 E15 | 12 E3 E6 | 13 E7 E22 | 14 E10 | 15 E10 | 16 E15 | 17 E15 E37 | 18 E23 | 19 E16 E37 | 20 E7a
  21 - | 22 E10 E11 | 23 E7b E9 | 24 E16 | 25 E16 | 26 - | 27 E5 | 28 E5 | 29 E10 | 30 E22
  31 E7 | 32 E3 | 33 E3 E23 | 34 E11 | 35 E13 | 36 E12 E7e | 37 E2 E8 | 38 E17 E18 E19 E20 E21 | 39 - | 40 E39
  41 E7 | 42 E1 | 43 E5 E6 | 44 E5 | 45 E7c | 46 E7d | 47 E7 | 48 E5 E6 | 49 E7 | 50 -
  51 E1 | 52 E1 | 53 E1 E2 | 54 E2 | 55 E1 | 56 E1 | 57 E3 | 58 E1 | 59 E1 | 60 E40
  61 E17 | 62 E18 | 63 E3 E4 E19 | 64 E20 | 65 E21 | 66 - | 67 - | 68 - | 69 E9 | 70 E12 E13
  71 E31 E37 | 72 E11 E36 E38 | 73 E28 E35 | 74 E3 E22 E24 E28 E42`

/** Claims by assessment, as the table has them; the rest is imprecise. */
const assessed = {
  right: [11, 26, 30, 38, 45, 47, 58, 67, 71, 72, 73],
  reserved: [17, 51, 63, 68],
  wrong: [7, 8, 14, 15, 24, 27, 28, 29, 34, 37, 42, 43, 44, 48, 52, 53, 54, 59, 69],
  open: [61, 62, 64, 65],
  untestable: [66],
}

const isText = (value: object): value is Text => 'en' in value && 'zh' in value

/** All that is said in two languages, with the way to it. */
function texts(value: unknown, path: string): [string, Text][] {
  if (typeof value !== 'object' || value === null) return []
  if (isText(value)) return [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`))
}

const said = texts({ claims, experiments, papers, pilots }, 'book')

test('there are 74 claims and 48 experiments, numbered in order', () => {
  expect(claims.map(({ id }) => id)).toEqual(Array.from({ length: 74 }, (_, i) => i + 1))
  expect(experiments.map(({ id }) => id)).toEqual(Array.from({ length: 48 }, (_, i) => `E${i + 1}`))
})

test('claims name the experiments of the table, and these exist', () => {
  const rows = experimentsOfClaims
    .split(/[|\n]/)
    .map((row) => row.trim().split(' '))
    .filter(([id]) => id !== '')
    .map(([id, ...named]) => [Number(id), named.filter((name) => name !== '-')])
  expect(claims.map(({ id, experiments: named }) => [id, named])).toEqual(rows)
  const tested = new Set(claims.flatMap(({ experiments: named }) => named.map((name) => experimentOf(name).id)))
  const untold = experiments.map(({ id }) => id).filter((id) => !tested.has(id))
  const ofPapers = Array.from({ length: 6 }, (_, i) => `E${43 + i}`)
  expect(untold).toEqual(['E25', 'E27', 'E29', 'E30', 'E32', 'E33', 'E34', 'E41', ...ofPapers])
})

test('claims are assessed as in the table: 11 right, 4 reserved, 35 imprecise, 19 wrong, 4 open, 1 untestable', () => {
  const others = Object.values(assessed).flat()
  const imprecise = claims.map(({ id }) => id).filter((id) => !others.includes(id))
  expect(imprecise).toHaveLength(35)
  for (const [assessment, ids] of Object.entries({ ...assessed, imprecise }))
    expect([assessment, ...claims.filter((claim) => claim.assessment === assessment).map(({ id }) => id)]).toEqual([
      assessment,
      ...ids,
    ])
})

test('every claim has a place in the article', () => {
  for (const { where } of claims) {
    expect(where.length).toBeGreaterThan(0)
    for (const { section } of where) expect(section).toMatch(/^(0|refs|\d(\.\d){0,2}(-\d(\.\d)?|\(\d\))?)$/)
  }
})

test('what waits for applications is pending, and nothing else', () => {
  const pending = experiments.filter((experiment) => experiment.pending !== undefined).map(({ id }) => id)
  expect(pending).toEqual(['E17', 'E18', 'E19', 'E20', 'E21'])
})

test('what is run says how, in a line of either language, and nothing else does', () => {
  for (const { id, pending, setting } of experiments) {
    expect(setting === undefined, id).toBe(pending !== undefined)
    if (setting === undefined) continue
    for (const text of [setting.en, setting.zh]) {
      expect(text, id).not.toMatch(/\p{Cc}/u)
      expect(text.length, id).toBeLessThanOrEqual(260)
    }
    expect(setting.en, id).toMatch(/\. Short: [^.]/)
    expect(setting.zh, id).toMatch(/。简短形式：./)
  }
})

test('published results have figures with a mark, known experiments and an id of their own', () => {
  expect(papers).toHaveLength(31)
  expect(new Set(papers.map(({ id }) => id)).size).toBe(31)
  for (const { id, paper, published, experiments: named } of papers) {
    expect(published.length).toBeGreaterThan(0)
    for (const { evidence } of published) expect(['v', '2h', 'mem']).toContain(evidence)
    for (const name of named) expect(experimentOf(name).id).toBe(name)
    expect(paper.year).toMatch(/^20\d\d(\/\d\d)?$/)
    if (id !== 'noci-2022') expect(paper.arXiv).toMatch(/^\d{4}\.\d{5}$/)
  }
})

test('all is said in both languages, in whole sentences', () => {
  expect(said.length).toBeGreaterThan(74 * 2 + 42 * 2)
  for (const [path, { en, zh }] of said) {
    expect(en, path).not.toMatch(/\p{Script=Han}|[，。：；？（）“”]| {2}/u)
    expect(en, path).toMatch(/[.?]$/)
    expect(zh, path).toMatch(/\p{Script=Han}/u)
    expect(zh, path).toMatch(/[。？]$/)
  }
})

test('Chinese has Chinese punctuation: no ASCII mark next to a Chinese character', () => {
  for (const [path, { zh }] of said) {
    expect(zh, path).not.toMatch(/\p{Script=Han}(\(|\s*[,.;:?!"'])/u)
    expect(zh, path).not.toMatch(/[,;:?!("']\s*\p{Script=Han}/u)
    expect(zh, path).not.toMatch(/[，。：；？（）、“”]\s|\s[，。：；？（）、“”]/u)
  }
})

test('both languages give the same figures', () => {
  const figures = (text: string): string[] =>
    (
      text
        .replaceAll('×', 'x')
        .replaceAll(/(\d),(?=\d{3})/g, '$1')
        .match(/\d*\.?\d+(e-?\d+)?/g) ?? []
    ).toSorted()
  const differing = said.filter(([, { en, zh }]) => String(figures(en)) !== String(figures(zh)))
  expect(differing.map(([path, { en, zh }]) => [path, en, zh])).toEqual([])
})
