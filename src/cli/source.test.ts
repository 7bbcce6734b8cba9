import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { dataName, openExamples, openSource, reopenSource } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-source-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function targetsOf({ size, targets }: Dataset): number[] {
  const into = targets.dtype === 'int32' ? new Int32Array(size) : new Float32Array(size)
  targets.gather(
    Array.from({ length: size }, (_, row) => row),
    into,
  )
  return [...into]
}

const all = { dataFolder: null, task: null, holdOut: 0, seed: 0 } as const

test('the target is the last column unless named; words and few whole numbers are classes', async () => {
  const data = file('mixed.csv', 'size,legs,kind\n1.5,2,b\n2.5,4,a\n3.5,2,b\n')
  const byKind = await openSource({ ...all, data })
  expect(byKind).toMatchObject({ task: 'classify', outputs: 2, heldOut: null })
  expect(byKind.table).toMatchObject({ target: 'kind', features: ['size', 'legs'], labels: ['a', 'b'] })
  expect(targetsOf(byKind.train)).toEqual([1, 0, 1])
})

test('numbers with a fraction, or on demand any, are regressed to one output', async () => {
  const data = file('numbers.csv', '1,2,0.5\n2,4,1.5\n3,2,2.5\n')
  const source = await openSource({ ...all, data })
  expect(source).toMatchObject({ task: 'regress', outputs: 1 })
  expect(source.table).toMatchObject({ target: '2', features: ['0', '1'], labels: null })
  expect(source.train.targets.shape).toEqual([1])
  expect(targetsOf(source.train)).toEqual([0.5, 1.5, 2.5])
  expect(await openSource({ ...all, data: `${data}:1` })).toMatchObject({ task: 'classify' })
  expect(await openSource({ ...all, data: `${data}:1`, task: 'regress' })).toMatchObject({
    task: 'regress',
    outputs: 1,
  })
})

test('more than 20 different whole numbers are quantities', async () => {
  const rows = (count: number): string => Array.from({ length: count }, (_, i) => `${i}.5,${i}`).join('\n')
  expect(await openSource({ ...all, data: file('few.csv', rows(20)) })).toMatchObject({ task: 'classify', outputs: 20 })
  expect(await openSource({ ...all, data: file('many.csv', rows(21)) })).toMatchObject({ task: 'regress', outputs: 1 })
})

test('a file that was changed is not taken for the data of its run', async () => {
  const data = file('changing.csv', 'x,y\n1,a\n2,b\n')
  const { table } = await openSource({ ...all, data })
  expect(await reopenSource({ ...all, data }, { table })).toMatchObject({ table })
  file('changing.csv', 'x,y\n1,a\n3,b\n')
  await expect(reopenSource({ ...all, data }, { table })).rejects.toThrow(
    'changing.csv: it was changed since the run began. Restore the file, or start a new run',
  )
})

test('classes of another file keep the numbers they had in training', async () => {
  const { table } = await openSource({ ...all, data: file('train.csv', 'x,y\n1,a\n2,b\n3,c\n') })
  const examples = await openExamples(file('later.csv', 'x,y\n1,c\n2,b\n3,c\n'), table, 'classify')
  expect(targetsOf(examples)).toEqual([2, 1, 2])
  expect(examples.classes).toBe(3)
  const open = (text: string): Promise<Dataset> => openExamples(file('other.csv', text), table, 'classify')
  await expect(open('x,y\n1,d\n')).rejects.toThrow('expected the classes a, b, c of the training, got d')
  await expect(open('z,y\n1,a\n')).rejects.toThrow('expected the columns x of the training, got z')
})

test('names for run folders', () => {
  expect(['mnist', 'a/b c.csv:kind', 'x.y.csv', '.csv'].map(dataName)).toEqual(['mnist', 'b-c', 'x-y', 'data'])
})
