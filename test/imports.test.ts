import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../src')

/** No folder imports from one to its right; files at the root of src stand left of all, index.ts right of all. */
const rooms = [
  'files',
  'graph',
  'ops',
  'autodiff',
  'onnx',
  'runtime',
  'nn',
  'models',
  'optim',
  'data',
  'train',
  'lab',
  'cli',
]

/** Only these files may import ONNX Runtime; the exporter checks its result in a fresh session. */
const engineFiles = /^(runtime\/node\/|cli\/export)/

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('.test'),
)

/** The modules a file imports; with `loaded`, those alone that it needs when it runs. */
function importsOf(file: string, loaded = false): string[] {
  const text = readFileSync(join(source, file), 'utf8')
  const found = Array.from(text.matchAll(/^(?:import|export)( type)?[^'"]*?from\s+'([^']+)'/gms))
  return found.filter(([, type]) => !loaded || type === undefined).map((match) => match[2]!)
}

const local = (file: string, specifier: string): string => relative(source, resolve(source, dirname(file), specifier))
const edgesOf = (from: string, loaded: boolean): { from: string; to: string }[] =>
  importsOf(from, loaded)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ from, to: local(from, specifier) }))
const edges = files.flatMap((from) => edgesOf(from, false))
const roomOf = (file: string): number => (file.includes('/') ? rooms.indexOf(file.split('/')[0]!) : -1)

test('every folder of src is one of the rooms', () => {
  const unknown = files.filter((file) => file.includes('/') && roomOf(file) < 0)
  expect(files.length).toBeGreaterThan(80)
  expect(unknown).toEqual([])
})

test('imports go from right to left', () => {
  const wrong = edges.filter(({ from, to }) => from !== 'index.ts' && roomOf(to) > roomOf(from))
  expect(wrong).toEqual([])
})

test('onnx/ knows graph/ alone', () => {
  const wrong = edges.filter(
    ({ from, to }) => from.startsWith('onnx/') && to.includes('/') && !/^(onnx|graph)\//.test(to),
  )
  expect(wrong).toEqual([])
})

test('only runtime/node imports ONNX Runtime', () => {
  const wrong = files.filter((file) => !engineFiles.test(file) && importsOf(file).includes('onnxruntime-node'))
  expect(wrong).toEqual([])
})

test('no file imports itself around a circle', () => {
  const next = new Map(files.map((file) => [file, edgesOf(file, true).map(({ to }) => to)]))
  const settled = new Set<string>()
  const circleFrom = (file: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (settled.has(file)) return null
    for (const to of next.get(file) ?? []) {
      const circle = circleFrom(to, [...trail, file])
      if (circle) return circle
    }
    settled.add(file)
    return null
  }
  expect(files.map((file) => circleFrom(file, [])).filter((circle) => circle !== null)).toEqual([])
})

test('the time is asked for in one file, and nobody rolls dice', () => {
  const asks = /Math\.random|Date\.now|new Date\(\)|performance\.now/
  const found = files.filter((file) => file !== 'clock.ts' && asks.test(readFileSync(join(source, file), 'utf8')))
  expect(found).toEqual([])
})
