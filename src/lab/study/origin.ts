import { DataError } from '../../errors.ts'
import type { Bilingual } from '../verdict/bilingual.ts'
import type { CellResult } from './store.ts'

/** What results were made by. */
export interface Origin {
  readonly versions: CellResult['versions']
  /** Commits of the sources, sorted; none where they were made by installed packages. */
  readonly commits: readonly string[]
}

/** What matters for a result: Node does not. */
const packages = ({ versions: { node: _, ...rest } }: CellResult): string => JSON.stringify(rest)

/** What results of one study were made by. Throws DataError where they are of different versions of the packages. */
export function originOf(results: readonly CellResult[], where: string): Origin {
  const [first] = results
  const other = results.find((result) => packages(result) !== packages(first!))
  if (other !== undefined)
    throw new DataError(
      `${where}: results of different versions do not go together: ${first!.id} is of ${packages(first!)}, ${other.id} of ${packages(other)}. Delete the older ones, and they are run again`,
    )
  const commits = new Set(results.flatMap(({ commit }) => commit ?? []))
  return { versions: first?.versions ?? {}, commits: [...commits].sort() }
}

/** That results are of several commits. */
export const commitsText = (commits: Origin['commits']): Bilingual => ({
  en: `Its cells were run at different commits of the sources: ${commits.join(', ')}.`,
  zh: `各单元在源码的不同提交上运行：${commits.join('、')}。`,
})
