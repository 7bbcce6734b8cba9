import type { JsonObject } from '../../files/json.ts'
import type { RunOutcome } from '../statistics/run-result.ts'

/** What a cell has come to. */
export interface Outcome {
  readonly state: RunOutcome
  /** What was measured at the end; empty where it diverged. */
  readonly metrics: Readonly<Record<string, number>>
  /** Updates done, where something was trained. */
  readonly step?: number
  /** Loss of the last step's batch; null where it was not finite. */
  readonly trainLoss?: number | null
}

/** What is kept of a cell that has ended. */
export interface CellResult {
  readonly id: string
  /** What the cell is, with nothing left open: plain JSON. */
  readonly setting: object
  readonly outcome: Outcome
  /** Of the packages that made it. */
  readonly versions: Readonly<Record<string, string>>
  /** Of the sources that made it; absent where that was an installed package. */
  readonly commit?: string
}

/** A cell that is this worker's own until it is released. */
export interface Claim {
  /** Where the run of the cell is written. */
  readonly folder: string
  /** Aborted, with an error that says why, once another worker has the cell: this one must stop. */
  readonly lost: AbortSignal
  /** Keeps a result; of several for one cell the first. Throws the reason of `lost` where the cell is no longer its own. */
  publish(result: CellResult): void
  release(): void
}

/** Where the plan and the results of a study are; several workers, processes or machines may share one. */
export interface Store {
  /** The plan that was written, or null. Throws DataError where it was edited. */
  plan(): JsonObject | null
  writePlan(plan: JsonObject): void
  /** The result of a cell, or null. Throws DataError where it was edited. */
  result(id: string): CellResult | null
  /** The cell, or null where another worker has it or it has ended. */
  claim(id: string): Claim | null
  /** Keeps something that can be made again from plan and results. */
  write(name: string, content: string): void
}
