import { expect, test } from 'vitest'
import { points, small } from '../../../test/training.ts'
import { mlp } from '../../models/mlp.ts'
import { tensor } from '../../tensor.ts'
import { dot } from '../linear-algebra.ts'
import { functionUpdate } from './function-update.ts'
import { inputRows, linearStack, matrixOf, opened, product, regression } from './probes.test-kit.ts'

const data = regression(25, 4, 4)
const rms = (rows: readonly Float64Array[]): number =>
  Math.sqrt(rows.reduce((total, row) => total + dot(row, row), 0) / (rows.length * rows[0]!.length))

test('nothing moved', async () => {
  const snapshot = opened(linearStack(2, 4), data)
  const same = {
    total: 0,
    relative: 0,
    stream: { input: 0, 'blocks.0.stream': 0, 'blocks.1.stream': 0 },
    alone: { 'blocks.0': 0, 'blocks.1': 0 },
  }
  expect(await functionUpdate(snapshot, snapshot, data)).toEqual(same)
})

test('a step of the last block alone: rms of x D', async () => {
  const before = opened(linearStack(2, 4), data)
  const [w0, w1] = [0, 1].map((l) => before.weights[`blocks.${l}.weight`]!)
  const step = Float32Array.from(w1!.data, (_, i) => 0.01 * (i - 5))
  const after = {
    ...before,
    weights: {
      ...before.weights,
      'blocks.1.weight': tensor(
        Float32Array.from(w1!.data, (w, i) => w + step[i]!),
        [4, 4],
      ),
    },
  }
  const columns = (m: readonly Float64Array[]) => m.map((_, j) => Float64Array.from(m, (row) => row[j]!))
  const x0 = inputRows(data).map((row) => Float64Array.from(row))
  const x1 = product(x0, columns(matrixOf(w0!))).map((row, i) => row.map((value, j) => value + x0[i]![j]!))
  const x2 = product(x1, columns(matrixOf(w1!))).map((row, i) => row.map((value, j) => value + x1[i]![j]!))
  const expected = rms(product(x1, columns(matrixOf(tensor(step, [4, 4])))))
  for (const batchSize of [25, 10]) {
    const { total, relative, stream, alone } = await functionUpdate(before, after, data, { batchSize })
    expect(total / expected).toBeCloseTo(1, 4)
    expect((relative * rms(x2)) / expected).toBeCloseTo(1, 4)
    expect(stream).toEqual({ input: 0, 'blocks.0.stream': 0, 'blocks.1.stream': total })
    expect(alone).toEqual({ 'blocks.0': 0, 'blocks.1': total })
    const whole = await functionUpdate(before, after, data, { batchSize, alone: false })
    expect(whole).toEqual({ total, relative, stream, alone: {} })
  }
})

test('a step of a model moves the stream more the deeper; the head does not matter', async () => {
  const model = await small(mlp({ depth: 3, width: 8, outputs: 3, wiring: { placement: 'pre' } }))
  const before = await model.snapshot()
  await model.fit({ steps: 1, progress: false })
  const { total, stream, alone } = await functionUpdate(before, model, points)
  expect(Object.keys(alone)).toEqual(['input', 'blocks.0', 'blocks.1', 'blocks.2', 'finalNorm', 'head'])
  expect([alone.finalNorm, alone.head]).toEqual([0, 0])
  for (const part of ['input', 'blocks.0', 'blocks.1', 'blocks.2']) expect(alone[part]).toBeGreaterThan(0)
  const depths = Object.values(stream)
  expect(depths).toHaveLength(4)
  expect(depths.at(-1)).toBe(total)
  expect(total).toBeGreaterThan(depths[0]!)
})
