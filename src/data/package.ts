import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DataError } from '../errors.ts'

/**
 * The folder of an installed npm package, as seen from Residua or else from the working directory.
 *
 * Throws DataError with the command that installs it where neither sees it.
 */
export function packageFolder(name: string): string {
  const lookups = [() => createRequire(import.meta.url), () => createRequire(join(process.cwd(), 'package.json'))]
  for (const lookup of lookups) {
    try {
      return dirname(lookup().resolve(`${name}/package.json`))
    } catch {
      continue
    }
  }
  throw new DataError(`data: expected the package ${name} to be installed; run \`npm install ${name}\``)
}
