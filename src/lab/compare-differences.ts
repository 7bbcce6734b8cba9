import { isJsonObject, type Json } from '../files/json.ts'

/** A place in several JSON values where not all are alike; undefined where one has nothing there. */
export interface Difference {
  /** Keys from the outside in, with dots between. */
  readonly path: string
  readonly values: readonly (Json | undefined)[]
}

/** Lists of numbers or names are read as wholes. */
const isLeafList = (value: Json | undefined): boolean =>
  Array.isArray(value) && !value.some((item) => typeof item === 'object' && item !== null)

const text = (value: Json | undefined): string | undefined => (value === undefined ? undefined : JSON.stringify(value))

/** Where JSON values differ, as far inside as all of them reach; equal parts are left out, whatever their order of keys. */
export function differences(values: readonly (Json | undefined)[], path = ''): Difference[] {
  const within = (key: string): Difference[] =>
    differences(
      values.map((value) => (value as Readonly<Record<string, Json>>)[key]),
      path === '' ? key : `${path}.${key}`,
    )
  const nested = values.every(isJsonObject) || (values.every(Array.isArray) && !values.every(isLeafList))
  if (nested) return [...new Set(values.flatMap((value) => Object.keys(value as object)))].flatMap(within)
  return values.every((value) => text(value) === text(values[0])) ? [] : [{ path, values }]
}

/** A value as tables show it: `-` for none, names without quotes, the rest as JSON. */
export const shown = (value: Json | undefined): string =>
  value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value)

/** The innermost places of a JSON value, each with what stands there. */
export function leaves(value: Json, path = ''): { readonly path: string; readonly value: Json }[] {
  const isLeaf = typeof value !== 'object' || value === null || isLeafList(value) || Object.keys(value).length === 0
  if (isLeaf) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]: [string, Json]) =>
    leaves(inner, path === '' ? key : `${path}.${key}`),
  )
}
