import { describe, expect, test } from 'vitest'
import { checkGrad, cotangentsOf } from '../../test/check-grad.ts'
import { leavesOf, type OpCase, opCases, operandsOf } from '../../test/op-cases.ts'
import { recordNames } from '../../test/op-records.ts'
import { vjp } from '../autodiff/grad.ts'
import { messageOf } from '../errors.ts'
import { graph } from '../graph/graph.ts'
import { evaluate } from '../runtime/reference.ts'

test('every op record has a case', () => {
  const covered = new Set(opCases.map(({ op }) => op))
  const names = recordNames()
  expect(names.length).toBeGreaterThan(40)
  expect(names.filter((name) => !covered.has(name))).toEqual([])
})

test('no two cases share a name, hence operands', () => {
  expect(new Set(opCases.map(({ name }) => name)).size).toBe(opCases.length)
})

test('every case traces the op it is about', () => {
  const records = new Set(recordNames())
  for (const one of opCases.filter(({ op }) => records.has(op))) {
    const traced = graph(new Map(one.f(...leavesOf(one, 'float32')).map((value, i) => [`y${i}`, value])))
    expect(traced.nodes.map((node) => node.op?.name)).toContain(one.op)
  }
})

describe('gradients equal central differences', () => {
  for (const one of opCases) {
    const { order, step } = one
    if (order === 0) continue
    test(one.name, () => {
      const slope = checkGrad(one.f, operandsOf(one, 'float64'), { order, step })
      expect(slope).not.toBe(0) // the case exercises its rule
    })
  }
})

describe('what has no gradient', () => {
  const undifferentiable = opCases.filter(({ order }) => order === 0)

  test('is a decision: floats refuse, other dtypes pass nothing on', () => {
    expect(Object.fromEntries(undifferentiable.map((one) => [one.op, outcomeOf(one)]))).toMatchInlineSnapshot(`
      {
        "add": "zero",
        "and": "zero",
        "argMax": "zero",
        "cast": "zero",
        "constant": "zero",
        "equal": "zero",
        "greater": "zero",
        "less": "zero",
        "not": "zero",
        "oneHot": "grad: oneHot has no gradient; wrap its result in stopGradient if that is meant",
        "or": "zero",
        "step": "grad: step has no gradient; wrap its result in stopGradient if that is meant",
        "stopGradient": "zero",
      }
    `)
  })
})

/** What happens when the outputs of a case are differentiated with respect to its inputs. */
function outcomeOf(one: OpCase): string {
  const leaves = leavesOf(one, 'float64')
  const outputs = one.f(...leaves)
  const cotangents = cotangentsOf(outputs)
  try {
    const gradients = vjp(outputs, cotangents, leaves)
    const traced = graph(Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])))
    const feeds = Object.fromEntries(operandsOf(one, 'float64').map((x, i) => [`x${i}`, x]))
    const values = Object.values(evaluate(traced, feeds)).flatMap(({ data }) => Array.from(data))
    return values.every((g) => g === 0) ? 'zero' : 'a gradient'
  } catch (error) {
    return messageOf(error)
  }
}
