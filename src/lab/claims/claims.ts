import type { Claim } from './claim.ts'
import { code } from './code.ts'
import { concepts } from './concepts.ts'
import { formulas } from './formulas.ts'
import { introduction } from './introduction.ts'
import { outlook } from './outlook.ts'
import { procedures } from './procedures.ts'

/** What the article says: 74 statements, in its order. */
export const claims: readonly Claim[] = [...introduction, ...concepts, ...procedures, ...formulas, ...code, ...outlook]
