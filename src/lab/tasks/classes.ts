import type { Dataset } from '../../data/dataset.ts'
import { classCounts, classEntropy } from '../../train/plateau.ts'
import type { Measure } from '../study/task.ts'

/** What is measured of a classifier, with the level of one that knows only how frequent each class is. */
export function classMeasures(train: Dataset): { readonly loss: Measure; readonly accuracy: Measure } {
  const counts = classCounts(train)!
  const total = counts.reduce((sum, count) => sum + count, 0)
  return {
    loss: { better: 'lower', chance: classEntropy(train)!, smallest: 0.02 },
    accuracy: { better: 'higher', chance: Math.max(...counts) / total, smallest: 0.01 },
  }
}
