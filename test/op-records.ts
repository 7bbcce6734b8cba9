import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../src/ops/', import.meta.url)

/** Names of the op records: consts that end in `Op`, named by their `name` or by the first argument of a family. */
export function recordNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const source = readFileSync(new URL(file, folder), 'utf8')
      const records = source.match(/^const \w+Op\b/gm) ?? []
      const names = Array.from(
        source.matchAll(/(?:^const \w+Op(?:: \w+)? = \w+\(|^ {2}name:)\s*'(\w+)'/gm),
        (m) => m[1]!,
      )
      if (names.length !== records.length) throw new Error(`${file}: ${records.length} records, names ${names.join()}`)
      return names
    })
}
