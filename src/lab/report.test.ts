import { expect, test } from 'vitest'
import { figureTables, numberText, percent, type Report } from './document.ts'
import type { Figure } from './figure.ts'
import { htmlReport } from './html.ts'
import { markdownReport } from './markdown.ts'

const long = Array.from({ length: 1001 }, (_, i) => [i, 1 + i] as const)
const figure: Figure = {
  name: 'one',
  title: 'One.',
  summary: 'It rises.',
  panels: [
    {
      title: 'panel',
      x: { label: 'step', scale: 'linear' },
      y: { label: 'loss', scale: 'linear' },
      series: [
        { name: 'a', colour: 'blue', dash: 'solid', points: long },
        { name: 'b', colour: 'grey', dash: 'dashed', points: [[0, NaN]] },
      ],
    },
  ],
}

const report: Report = {
  title: 'A <title>',
  lead: 'Lead & more.',
  blocks: [
    { type: 'heading', text: 'Part' },
    { type: 'text', text: 'one * two' },
    { type: 'list', items: ['x|y'] },
    { type: 'code', text: 'npm start\nls' },
    {
      type: 'table',
      table: {
        caption: 'Cap',
        head: ['name', 'value'],
        rows: [
          ['a|b', '1e-7'],
          ['<c>', '-'],
        ],
      },
    },
    { type: 'figure', figure },
  ],
}

test('numbers', () => {
  expect([0, 0.5, 2.30258, 1234.5678, 99999, 123456, 5.1234e-11, NaN, -Infinity].map((x) => numberText(x))).toEqual([
    '0',
    '0.5000',
    '2.303',
    '1235',
    '100000',
    '1.23e+5',
    '5.12e-11',
    'NaN',
    '-Infinity',
  ])
  expect(percent(0.98765)).toBe('98.77%')
})

test('the table twin of a figure holds its numbers, a selection of long lines', () => {
  const [table] = figureTables(figure)
  expect(table?.head).toEqual(['step', 'a', 'b'])
  expect(table?.rows).toHaveLength(12)
  expect(table?.rows[0]).toEqual(['0', '1.000', 'NaN'])
  expect(table?.rows.at(-1)).toEqual(['1000', '1001', '-'])
})

test('a table is not named twice by one word', () => {
  const [panel] = figure.panels
  const named = (title: string): string => figureTables({ ...figure, panels: [{ ...panel!, title }] })[0]!.caption
  const { label } = (panel as { readonly y: { readonly label: string } }).y
  expect(named(label).startsWith(`${label}: `)).toBe(false)
  expect(named('of a run').startsWith(`of a run: ${label}`)).toBe(true)
})

test('HTML: self-contained, without scripts, escaped, with a table beside each figure', () => {
  const html = htmlReport(report, 'en')
  expect(html).toMatch(/^<!doctype html>\n<html lang="en"><head><meta charset="utf-8"\/>/)
  expect(html).toContain('<title>A &lt;title&gt;</title>')
  expect(html).toContain('<p class="lead">Lead &amp; more.</p>')
  expect(html).toContain('<th scope="row">&lt;c&gt;</th><td class="number">-</td>')
  expect(html).toContain('<pre tabindex="0"><code>npm start\nls</code></pre>')
  expect(html).toMatch(/<svg .*role="img" aria-labelledby="one-title one-summary"><title id="one-title">One\.<\/title>/)
  expect(html).toMatch(/<details><summary>View as table<\/summary><div class="wide".*<td class="number">1001<\/td>/)
  expect(html).toContain('@media (prefers-color-scheme:dark)')
  expect(html).not.toMatch(/<script|<link|src=|@import|url\(/)
})

test('HTML says the language it is in, to browsers and in its own words', () => {
  const html = htmlReport(report, 'zh')
  expect(html).toContain('<html lang="zh">')
  expect(html).toContain('<summary>以表格查看</summary>')
  expect(html).not.toContain('View as table')
})

test('Markdown: the same numbers, nothing of the text read as markup', () => {
  const markdown = markdownReport(report, 'en')
  expect(markdown).toContain(
    '# A \\<title\\>\n\nLead \\& more.\n\n## Part\n\none \\* two\n\n- x\\|y\n\n    npm start\n    ls\n',
  )
  expect(markdown).toContain('Cap:\n\n| name | value |\n| --- | --- |\n| a\\|b | 1e-7 |\n| \\<c\\> | - |\n')
  expect(markdown).toContain('![It rises.](figures/one.svg)\n\n**One.** It rises.\n\npanel: loss:\n\n| step | a | b |')
})
