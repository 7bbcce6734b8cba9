import type * as lab from 'residua/lab'

type Rule = lab.Statement['rule']
type Claims = NonNullable<lab.Statement['claims']>

const statement = (rule: Rule, en: string, zh: string, claims: Claims): lab.Statement => ({
  says: { en, zh },
  rule,
  claims,
})

/** A metric equals a number in every result, to 1e-9: algebra. */
export const exact = (metric: string, equals: number, en: string, zh: string, claims: Claims): lab.Statement =>
  statement({ kind: 'identity', metric, equals, tolerance: 1e-9 }, en, zh, claims)

/** A metric equals a number in every result: a fact of a program. */
export const deterministic = (metric: string, equals: number, en: string, zh: string, claims: Claims): lab.Statement =>
  statement({ kind: 'identity', metric, equals, tolerance: 0, strength: 'deterministic' }, en, zh, claims)
