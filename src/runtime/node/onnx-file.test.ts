import { expect, test } from 'vitest'
import { graph } from '../../graph/graph.ts'
import { input } from '../../graph/value.ts'
import { toOnnx } from '../../onnx/model.ts'
import { gather } from '../../ops/gather.ts'
import { tensor } from '../../tensor.ts'
import { openOnnx } from './onnx-file.ts'

test('a model says what it takes, and what is fed as int32 goes into an input of int64', async () => {
  const rows = input('rows', 'int32', [11])
  const table = input('table', 'float32', [3, 2])
  const model = toOnnx(graph(new Map([['taken', gather(table, rows)]])), {
    target: 'portable',
    int64: new Set(['rows']),
    open: [{ size: 11, name: 'count', from: { input: 'rows', axis: 0 } }],
  })
  const file = await openOnnx(model)
  expect(Object.fromEntries(file.inputs)).toEqual({ rows: ['count'], table: [3, 2] })
  const feeds = { rows: tensor(Int32Array.of(2, 0), [2]), table: tensor([1, 2, 3, 4, 5, 6], [3, 2]) }
  expect(await file.run(feeds)).toEqual({ taken: tensor([5, 6, 1, 2], [2, 2]) })
  await file.close()
})
