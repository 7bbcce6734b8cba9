import { OptionError } from '../errors.ts'
import type { Layer } from '../graph/scope.ts'
import { below, PathPatterns } from './path-patterns.ts'

/**
 * A net whose parameters that match a pattern stay as they are: no gradient, optimizer state or gradient sum is kept for
 * them. Running statistics go on.
 *
 * Patterns are for paths below the net, `embed.weight`, `blocks.*.mlp.**` or `**.bias`: * is any part of a name, ** any
 * number of names. Throws OptionError for none, and, when traced, for one that matches nothing.
 */
export function freeze(net: Layer, patterns: readonly string[]): Layer {
  const frozen = new PathPatterns('freeze', 'parameter', patterns)
  if (patterns.length === 0) throw new OptionError("freeze: expected patterns, got none; ['**'] freezes everything")
  return (s, x, ...context) => {
    const { freezes } = s.overlay
    const seen = new Set<string>()
    const overlay = {
      freezes: (path: string): boolean => {
        const own = below(s, path)
        seen.add(own)
        return frozen.match(own) || (freezes?.(path) ?? false)
      },
    }
    const y = net(s.with(overlay), x, ...context)
    frozen.needMatches(seen)
    return y
  }
}
