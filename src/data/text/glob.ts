import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { diskError, systemCode } from '../../files/disk.ts'

const isWild = (segment: string): boolean => /[*?]/.test(segment)

/** Whether a pattern holds `*` or `?`. */
export const isGlob: (pattern: string) => boolean = isWild

/**
 * The files that a pattern matches, in order of their names: `*` is any part of a name, `?` one character of it, a whole
 * segment of `**` any number of folders. Names that begin with a dot match only a pattern that says so; links to folders
 * are not followed.
 *
 * Throws DataError for a folder that cannot be read; one that does not exist matches nothing.
 */
export function glob(pattern: string): string[] {
  const segments = pattern.split(sep === '/' ? '/' : /[\\/]/)
  const first = segments.findIndex(isWild)
  const root = segments.slice(0, first).join('/')
  return [...new Set(expand(first === 0 ? '.' : root || '/', segments.slice(first)))]
}

/** Every file below a folder, in order of the names. */
export const filesBelow = (folder: string): string[] => expand(folder, ['**'])

function expand(folder: string, segments: readonly string[]): string[] {
  const [segment = '', ...rest] = segments
  if (segment === '**') {
    const here = rest.length === 0 ? ['*'] : rest
    const below = foldersIn(folder, '*').flatMap((name) => expand(join(folder, name), segments))
    return [...expand(folder, here), ...below]
  }
  if (rest.length === 0) return filesIn(folder, segment).map((name) => join(folder, name))
  const folders = isWild(segment) ? foldersIn(folder, segment) : [segment]
  return folders.flatMap((name) => expand(join(folder, name), rest))
}

const filesIn = (folder: string, segment: string): string[] =>
  entriesOf(folder, segment, (entry) => entry.isFile() || (entry.isSymbolicLink() && leadsToFile(folder, entry.name)))

const foldersIn = (folder: string, segment: string): string[] =>
  entriesOf(folder, segment, (entry) => entry.isDirectory())

const leadsToFile = (folder: string, name: string): boolean =>
  statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true

function entriesOf(folder: string, segment: string, accepts: (entry: Dirent) => boolean): string[] {
  const pattern = nameOf(segment)
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    const names = entries.filter((entry) => pattern.test(entry.name) && accepts(entry)).map(({ name }) => name)
    return names.sort()
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
    throw diskError('read', folder, error)
  }
}

/** The names that one segment of a pattern stands for. */
function nameOf(segment: string): RegExp {
  const escaped = segment.replace(/[\\^$.+()[\]{}|]/g, '\\$&')
  const body = escaped.replace(/\*+/g, '.*').replaceAll('?', '.')
  return new RegExp(`^${isWild(segment[0] ?? '') ? '(?!\\.)' : ''}${body}$`, 'su')
}
