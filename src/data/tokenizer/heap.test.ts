import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from './heap.ts'

test('pairs leave in order of priority, then value', () => {
  const pair = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(9))
  const check = fc.property(fc.array(fc.option(pair)), (steps) => {
    const heap = new Heap()
    const sorted: [number, number][] = []
    for (const step of steps) {
      if (step) {
        heap.push(...step)
        sorted.push(step)
        sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1])
      } else {
        const first = sorted.shift()
        expect(heap.pop()).toEqual(first && { priority: first[0], value: first[1] })
      }
      expect(heap.size).toBe(sorted.length)
    }
  })
  fc.assert(check, { seed: 1, numRuns: 500 })
})
