import type { Placement } from '../protocol.ts'

/** `N(x + f(x))`. Source: Vaswani et al. 2017, arXiv:1706.03762. */
export const post: Placement = {
  onSum: (s, x, _, norm) => norm(s.in('norm'), x),
  finalNorm: false,
}
