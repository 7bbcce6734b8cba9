import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomic } from '../files/atomic.ts'
import { diskError } from '../files/disk.ts'
import type { Language } from './claims/claim.ts'
import type { Report } from './document.ts'
import { figureFile } from './figure.ts'
import { htmlReport } from './html.ts'
import { markdownReport } from './markdown.ts'

/** Where a report lies. */
export interface ReportFiles {
  readonly html: string
  readonly markdown: string
}

/**
 * Writes `<name>.html`, `<name>.md` and `figures/*.svg` into a folder, which is created when missing.
 *
 * Throws DataError where they cannot be written.
 */
export function writeReport(folder: string, name: string, report: Report, language: Language): ReportFiles {
  const figures = join(folder, 'figures')
  try {
    mkdirSync(figures, { recursive: true })
  } catch (error) {
    throw diskError('write', figures, error)
  }
  for (const block of report.blocks)
    if (block.type === 'figure')
      writeAtomic(join(figures, `${block.figure.name}.svg`), figureFile(block.figure, language))
  const paths = { html: join(folder, `${name}.html`), markdown: join(folder, `${name}.md`) }
  writeAtomic(paths.markdown, markdownReport(report, language))
  writeAtomic(paths.html, htmlReport(report, language))
  return paths
}
