/** What an interval is made of; it stands in every legend. */
export type BandKind =
  't' | 'paired t' | 'Clopper-Pearson' | 'exact difference of rates' | 'percentile bootstrap' | 'range'

/** An estimate with its interval. */
export interface Band {
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Runs, pairs or items that it rests on. */
  readonly n: number
  /** Share of such intervals that contain the truth; 1 for a range. */
  readonly confidence: number
  readonly kind: BandKind
}
