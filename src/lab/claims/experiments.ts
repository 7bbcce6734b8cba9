import type { Experiment } from './claim.ts'
import { applicationExperiments } from './experiments-applications.ts'
import { articleExperiments } from './experiments-article.ts'
import { depthExperiments } from './experiments-depth.ts'
import { paperExperiments } from './experiments-papers.ts'
import { variantExperiments } from './experiments-variants.ts'

/** The catalogue of experiments, E1 to E48. */
export const experiments: readonly Experiment[] = [
  ...articleExperiments,
  ...applicationExperiments,
  ...depthExperiments,
  ...variantExperiments,
  ...paperExperiments,
]
