import { expect, test } from 'vitest'
import {
  book,
  bookReport,
  claimOf,
  claims,
  experimentOf,
  experiments,
  type Language,
  paperOf,
  papers,
} from './index.ts'

/** The section of the book about one claim. */
function section(text: string, id: number): string {
  const begin = text.indexOf(`\n## ${id}. `) + 1
  return text.slice(begin, text.indexOf('\n## ', begin)).trim()
}

test('a claim in English: what is said, where, what is right, how to test it', () => {
  expect(section(book('en'), 15)).toMatchInlineSnapshot(`
    "## 15. The order is normalization, residual connection, layer.

    - Where: A and B, 2.3
    - Assessment: wrong
    - What is correct: The skip rejoins before the only layer, so nothing is skipped. An edge is needed from x to a sum after the layer.
    - Experiments: E10"
  `)
})

test('a claim in Chinese', () => {
  expect(section(book('zh'), 67)).toMatchInlineSnapshot(`
    "## 67. 推荐两本书，以及 TensorFlow 和 PyTorch。

    - 出处：A、B 稿 7.1-7.2
    - 评定：正确
    - 正确的说法：说法正确；只是 B 稿所列 Chollet 中文版的出版社看来有误。（凭记忆，未核对）
    - 实验：无"
  `)
})

test('the contents list every claim once, by assessment', () => {
  for (const language of ['en', 'zh'] as const) {
    const [contents] = bookReport(language).blocks
    if (contents?.type !== 'table') throw new Error('expected the contents first')
    const listed = contents.table.rows.map(([, count, ids]) => [Number(count), ids!.split(', ').map(Number)] as const)
    for (const [count, ids] of listed) expect(ids).toHaveLength(count)
    expect(listed.flatMap(([, ids]) => ids).toSorted((a, b) => a - b)).toEqual(claims.map(({ id }) => id))
  }
})

test.each<Language>(['en', 'zh'])('the book in %s has every claim and every experiment', (language) => {
  const { blocks } = bookReport(language)
  const headings = blocks.flatMap((block) => (block.type === 'heading' ? [block.text] : []))
  expect(headings.slice(0, -1)).toEqual(claims.map(({ id, statement }) => `${id}. ${statement[language]}`))
  const catalogue = blocks.findLast((block) => block.type === 'table')
  const rows = catalogue?.table.rows.map(([id]) => id) ?? []
  expect(rows.filter((id) => !/^E7[a-g]$/.test(id!))).toEqual(experiments.map(({ id }) => id))
  expect(rows).toHaveLength(55)
})

test('what waits for applications is marked', () => {
  expect(section(book('en'), 61)).toContain('E17 (pending)')
  expect(section(book('zh'), 61)).toContain('E17（待定）')
  expect(section(book('en'), 66)).toContain('Experiments: none')
})

test('results stand behind their claim', () => {
  const results = new Map([[9, [{ type: 'text', text: 'Measured: refuted.' } as const]]])
  expect(section(book('en', results), 9)).toBe(`${section(book('en'), 9)}\n\nMeasured: refuted.`)
  expect(section(book('en', results), 10)).toBe(section(book('en'), 10))
  expect(() => book('en', new Map([[75, []]]))).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: claim: expected a number from 1 to 74, got 75. The claim book lists them]`,
  )
})

test('look-ups find by id, and say what there is where they do not', () => {
  expect(claimOf(37)).toBe(claims[36])
  expect(experimentOf('E7')).toBe(experiments[6])
  expect(experimentOf('E7f')).toBe(experiments[6])
  expect(paperOf('ngpt-2024')).toBe(papers.at(-1))
  expect(() => claimOf(0)).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: claim: expected a number from 1 to 74, got 0. The claim book lists them]`,
  )
  expect(() => experimentOf('E7h')).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: experiment E7: unknown name 'h', did you mean 'a'? Known: a, b, c, d, e, f, g]`,
  )
  expect(() => experimentOf('E3a')).toThrow(/^experiment: unknown name 'E3a', did you mean 'E3'\?/)
  expect(() => paperOf('he-2015')).toThrow(/^paper: unknown name 'he-2015', did you mean 'he-2016'\?/)
  expect(() => book('de' as Language)).toThrowErrorMatchingInlineSnapshot(
    `[OptionError: claim book: unknown name 'de', did you mean 'en'? Known: en, zh]`,
  )
})
