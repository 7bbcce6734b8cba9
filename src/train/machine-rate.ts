import { clock } from '../clock.ts'
import { graph } from '../graph/graph.ts'
import { input } from '../graph/value.ts'
import { toOnnx } from '../onnx/model.ts'
import { broadcastTo } from '../ops/broadcast.ts'
import { matMul } from '../ops/matmul.ts'
import { max } from '../ops/reduce.ts'
import type { Engine, ProgramSpec } from '../runtime/engine.ts'
import { tensor } from '../tensor.ts'

/** Rows and columns of the matrices, and how often they are multiplied in one run: 7 GFLOP. */
const size = 768
const times = 8
const enoughMs = 400

/** `x^times` of the matrix whose elements are all `fill`; with 1 / size it stays what it is. */
function products(): ProgramSpec {
  const x = broadcastTo(input('fill', 'float32', [1, 1]), [size, size])
  let product = x
  for (let i = 0; i < times; i++) product = matMul(product, x)
  const largest = max(product)
  return {
    model: toOnnx(graph({ largest }), { target: 'cpu' }),
    reads: [],
    updates: {},
    results: { largest: largest.type },
  }
}

/**
 * Floating point operations per second of float32 matrix products on this machine, as an engine computes them with its
 * threads: the best of what runs in about half a second. What a training step reaches of it is its share of the machine.
 */
export async function machineRate(engine: Engine): Promise<number> {
  const program = await engine.open(products())
  const until = clock.now() + enoughMs
  let best = Infinity
  do {
    const began = clock.now()
    await engine.run(program, { fill: tensor(Float32Array.of(1 / size), [1, 1]) })
    best = Math.min(best, clock.now() - began)
  } while (clock.now() < until)
  await engine.release(program)
  return (2 * size ** 3 * times) / (best / 1000)
}
