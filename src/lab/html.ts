import type { Language } from './claims/claim.ts'
import { type Block, figureTables, type Report, type Table } from './document.ts'
import { type Figure, inlineFigure } from './figure.ts'
import { element, Markup } from './markup.ts'
import { dark, figureStyle, light, type Theme } from './palette.ts'

const themeStyle = (theme: Theme): string =>
  `${figureStyle(theme)}
:root{background:${theme.background};color:${theme.ink};--quiet:${theme.quiet};--grid:${theme.grid}}`

const style = `${themeStyle(light)}
@media (prefers-color-scheme:dark){
${themeStyle(dark)}
}
:root{font:16px/1.5 system-ui,sans-serif}
body{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{line-height:1.2}
h2{margin-top:2.5rem}
.lead{font-size:1.15rem}
figure{margin:1.5rem 0}
svg{width:100%;min-width:40rem;height:auto}
figcaption,caption{color:var(--quiet);text-align:left}
caption{padding-bottom:.3rem}
details{margin-top:.5rem}
summary{cursor:pointer}
.wide{overflow-x:auto}
.wide:focus-visible,summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0;font-size:.9rem}
th,td{padding:.25rem .7rem .25rem 0;text-align:left;border-bottom:1px solid var(--grid);vertical-align:top}
td:last-child{min-width:9rem}
th{white-space:nowrap}
.number{text-align:right}
pre{padding:.75rem;border:1px solid var(--grid);overflow-x:auto}
`

const isNumber = (cell: string): boolean => /^(-|NaN|-?Infinity|[-+]?[\d.,]+(e[-+]?\d+)?%?)$/.test(cell)

function drawTable({ caption, head, rows }: Table): Markup {
  const right = head.map((_, column) => rows.every((row) => isNumber(row[column] ?? '')))
  const kind = (column: number): string | undefined => (right[column] ? 'number' : undefined)
  const cell = (text: string, column: number): Markup =>
    column === 0
      ? element('th', { scope: 'row', class: kind(column) }, text)
      : element('td', { class: kind(column) }, text)
  const names = head.map((text, column) => element('th', { scope: 'col', class: kind(column) }, text))
  const table = element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...names)),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell)))),
  )
  return element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption }, table)
}

const asTable: Readonly<Record<Language, string>> = { en: 'View as table', zh: '以表格查看' }

function drawFigure(figure: Figure, language: Language): Markup {
  return element(
    'figure',
    {},
    element('div', { class: 'wide' }, inlineFigure(figure, language)),
    element('figcaption', {}, element('strong', {}, figure.title), ` ${figure.summary}`),
    element('details', {}, element('summary', {}, asTable[language]), ...figureTables(figure, language).map(drawTable)),
  )
}

function drawBlock(block: Block, language: Language): Markup {
  if (block.type === 'heading') return element('h2', {}, block.text)
  if (block.type === 'text') return element('p', {}, block.text)
  if (block.type === 'code') return element('pre', { tabindex: 0 }, element('code', {}, block.text))
  if (block.type === 'list') return element('ul', {}, ...block.items.map((item) => element('li', {}, item)))
  return block.type === 'table' ? drawTable(block.table) : drawFigure(block.figure, language)
}

/** A report, written in `language`, as one page of its own: no scripts, nothing loaded, light or dark as the reader's system is. */
export function htmlReport({ title, lead, blocks }: Report, language: Language): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('title', {}, title),
    element('style', {}, new Markup(style)),
  )
  const main = [
    element('h1', {}, title),
    element('p', { class: 'lead' }, lead),
    ...blocks.map((block) => drawBlock(block, language)),
  ]
  const body = element('body', {}, element('main', {}, ...main.flatMap((part) => [part, '\n'])))
  return `<!doctype html>\n${element('html', { lang: language }, head, '\n', body).text}\n`
}
