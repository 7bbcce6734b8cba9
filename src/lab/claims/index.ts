export { book, bookReport, type ClaimResults } from './book.ts'
export {
  type Assessment,
  assessments,
  type Claim,
  type Evidence,
  type Experiment,
  type Language,
  type Marked,
  type Paper,
  type PaperResult,
  type Place,
  type Text,
} from './claim.ts'
export { claims } from './claims.ts'
export { experiments } from './experiments.ts'
export { claimOf, experimentOf, paperOf } from './look-up.ts'
export { papers } from './papers.ts'
export { pilots } from './pilots.ts'
