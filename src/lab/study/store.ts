import type { JsonObject } from '../../files/json.ts'
import type { Outcome } from './cell.ts'
import type { Setting } from './setting.ts'

/** What is kept of a cell that has ended. */
export interface CellResult {
  readonly id: string
  readonly setting: Setting
  readonly outcome: Outcome
  /** Of the packages that made it. */
  readonly versions: Readonly<Record<string, string>>
}

/** A cell that is this worker's own until it is released. */
export interface Claim {
  /** Where the run of the cell is written. */
  readonly folder: string
  /** Keeps a result. Of several for one cell the first is kept. */
  publish(result: CellResult): void
  release(): void
}

/** Where the plan and the results of a study are; several workers, processes or machines may share one. */
export interface Store {
  /** The plan that was written, or null. */
  plan(): JsonObject | null
  writePlan(plan: JsonObject): void
  /** The result of a cell, or null. Throws DataError where it was edited. */
  result(id: string): CellResult | null
  /** The cell, or null where another worker has it or it has ended. */
  claim(id: string): Claim | null
  /** Keeps something that can be made again from plan and results. */
  write(name: string, content: string): void
}
