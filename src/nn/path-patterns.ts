import { OptionError } from '../errors.ts'
import type { Scope } from '../graph/scope.ts'
import { nearest } from './options.ts'

const validName = /^(\*\*|\*|\*?\w+(\*\w+)*\*?)$/

/** Every name with a dot behind it. */
const dotted = (path: string): string => (path === '' ? '' : `${path}.`)

/** Matches dotted paths. */
function expression(where: string, pattern: string): RegExp {
  const names = pattern.split('.')
  if (!names.every((name) => validName.test(name))) {
    throw new OptionError(
      `${where}: expected names between dots, with * for any part of a name and ** for any number of names, got '${pattern}'`,
    )
  }
  const parts = names.map((name) => (name === '**' ? '(\\w+\\.)*' : `${name.replaceAll('*', '\\w*')}\\.`))
  return new RegExp(`^${parts.join('')}$`)
}

/** Paths that differ in numbers only, as one. */
const generalized = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => path.replaceAll(/\b\d+\b/g, '*'))),
]

/** Patterns for paths, such as `blocks.*.attention.query` or `**.bias`: * is any part of a name, ** any number of names. */
export class PathPatterns {
  readonly #where: string
  readonly #kind: string
  readonly #expressions: ReadonlyMap<string, RegExp>

  /** `kind` is what the paths are of, for messages that begin with `where`. Throws OptionError for what is no pattern. */
  constructor(where: string, kind: string, patterns: readonly string[]) {
    this.#where = where
    this.#kind = kind
    this.#expressions = new Map(patterns.map((pattern) => [pattern, expression(where, pattern)]))
  }

  /** Whether one of them matches. */
  match(path: string): boolean {
    return [...this.#expressions.values()].some((one) => one.test(dotted(path)))
  }

  /** Throws OptionError for a pattern that matches none of `paths`. */
  needMatches(paths: Iterable<string>): void {
    const all = [...paths]
    for (const [pattern, one] of this.#expressions) {
      if (all.some((path) => one.test(dotted(path)))) continue
      const known = generalized(all)
      const hint = known.length > 0 ? `did you mean '${nearest(pattern, known)!}'? Known: ` : 'there is none'
      throw new OptionError(`${this.#where}: no ${this.#kind} matches '${pattern}', ${hint}${known.join(', ')}`)
    }
  }
}

/** What `path` is called below `s`; '' for `s` itself. */
export const below = (s: Scope, path: string): string => (s.path === '' ? path : path.slice(s.path.length + 1))
