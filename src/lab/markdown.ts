import type { Language } from './claims/claim.ts'
import { type Block, figureTables, type Report, type Table } from './document.ts'

/** Text in which nothing is read as Markdown or HTML. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|#~&]/g, '\\$&').replace(/\s*\n\s*/g, ' ')

const row = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`

const colons: Readonly<Record<Language, string>> = { en: ':', zh: '：' }

const writeTable = ({ caption, head, rows }: Table, language: Language): string =>
  [
    `${plain(caption)}${colons[language]}`,
    '',
    row(head),
    `|${head.map(() => ' --- |').join('')}`,
    ...rows.map(row),
  ].join('\n')

function writeBlock(block: Block, language: Language): string {
  if (block.type === 'heading') return `## ${plain(block.text)}`
  if (block.type === 'text') return plain(block.text)
  if (block.type === 'code') return block.text.replace(/^/gm, '    ')
  if (block.type === 'list') return block.items.map((item) => `- ${plain(item)}`).join('\n')
  if (block.type === 'table') return writeTable(block.table, language)
  const { figure } = block
  const image = `![${plain(figure.summary)}](figures/${figure.name}.svg)`
  const caption = `**${plain(figure.title)}** ${plain(figure.summary)}`
  return [image, caption, ...figureTables(figure, language).map((table) => writeTable(table, language))].join('\n\n')
}

/** A report, written in `language`, as Markdown; its figures are the files `figures/<name>.svg` beside it. */
export const markdownReport = ({ title, lead, blocks }: Report, language: Language): string =>
  [`# ${plain(title)}`, plain(lead), ...blocks.map((block) => writeBlock(block, language))].join('\n\n') + '\n'
