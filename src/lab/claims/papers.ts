import type { PaperResult } from './claim.ts'
import { attentionPapers } from './papers-attention.ts'
import { normPapers } from './papers-norm.ts'
import { residualPapers } from './papers-residual.ts'

/** The book of published results that have a version at small scale. */
export const papers: readonly PaperResult[] = [...residualPapers, ...attentionPapers, ...normPapers]
