import { createHash } from 'node:crypto'
import type { ZodType } from 'zod'
import { DataError, OptionError, messageOf } from '../errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a parsed JSON value is an object, not an array and not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name out of a file as an error message prints it: quoted, escaped and at most 80 characters long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}

/** Parses `text`. Throws DataError that starts with `where` when it is not JSON. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`${where}: expected JSON, got ${messageOf(error)}`)
  }
}

/** `value` as `schema` describes it. Throws DataError `where: field: what was expected` for the first field that differs. */
export function checkJson<T>(value: unknown, schema: ZodType<T>, where: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.map(String).join('.')
  throw new DataError(`${where}: ${field ? `${quote(field)}: ` : ''}${issue?.message ?? 'does not fit'}`)
}

/** The first key that stands twice in one object of a valid JSON text; JSON.parse would silently keep the last. */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = []
  for (let i = 0; i < json.length; i++) {
    const character = json[i]
    if (character === '{') open.push(new Set())
    if (character === '}') open.pop()
    if (character !== '"') continue
    const start = i++
    while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1
    let next = i + 1
    while (json[next] === ' ' || json[next] === '\n' || json[next] === '\r' || json[next] === '\t') next++
    if (json[next] !== ':') continue
    const key = JSON.parse(json.slice(start, i + 1)) as string
    const keys = open.at(-1)
    if (keys?.has(key)) return key
    keys?.add(key)
  }
  return undefined
}

/**
 * A copy with the keys of every object sorted, so that equal values have equal text.
 * Throws OptionError for what JSON would change silently: NaN, infinities, undefined, functions, class instances;
 * DataError for more than 100 levels.
 */
function canonical(value: unknown, where: string, level = 0): Json {
  if (level > 100) throw new DataError(`${where.slice(0, 80)}…: expected at most 100 levels of nesting`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (Array.isArray(value)) return value.map((item, i) => canonical(item, `${where}[${i}]`, level + 1))
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype === Object.prototype || prototype === null) {
    const keys = Object.keys(value as object).sort()
    return Object.fromEntries(
      keys.map((key) => [key, canonical((value as JsonObject)[key], `${where}.${key}`, level + 1)]),
    )
  }
  throw new OptionError(
    `${where}: expected a value that JSON can hold, got ${typeof value === 'number' ? value : typeof value}. Store it as a string`,
  )
}

/** Indented JSON that reads back equal. Throws OptionError as `canonical` does. */
export function exactJson(value: unknown, where: string): string {
  canonical(value, where)
  return `${JSON.stringify(value, null, 2)}\n`
}

/** sha256 (hex) of the canonical text, the same for every order of keys. */
export function jsonHash(value: unknown, where: string): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(value, where)))
    .digest('hex')
}

/** JSON for people and charts: numbers that are not finite become "NaN", "Infinity" and "-Infinity". */
export function displayJson(value: unknown, indent = 0): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item),
    indent,
  )
}

/** The number that `displayJson` wrote; undefined for anything else. */
export function displayedNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}
