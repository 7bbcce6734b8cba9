import type { Placement } from '../protocol.ts'

/**
 * `N(x + f(x))`; where branches are times s, n skips alone pass (1 + s^2)^-n of the gradient's second moment: it warns where
 * a deep stack without warm-up leaves less than 2^-16.
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export const post: Placement = {
  onSum: (s, x, _, norm) => norm(s.in('norm'), x),
  finalNorm: false,
  normsOnly: true,
  warns: ({ seats = 0, warmupSteps, branchScale }) =>
    seats * Math.min(1, Math.log2(1 + branchScale ** 2)) > 16 && warmupSteps === 0
      ? `post with ${seats} sublayers and no warm-up may collapse during the first steps; warm up, or choose pre or deepNorm`
      : null,
  law: () => ({ onSum: true }),
}
