import { expect, test, vi } from 'vitest'
import { clock } from '../clock.ts'
import type { StepEvent } from './events.ts'
import { progress, type ProgressOptions } from './progress.ts'

/** What is shown of four steps of a second each. */
function shown(options: ProgressOptions, step: Partial<StepEvent> = {}): string {
  let text = ''
  const write = (part: string): boolean => {
    text += part
    return true
  }
  const now = vi.spyOn(clock, 'now').mockReturnValue(0)
  const { see } = progress(true, { stream: { isTTY: false, write } as unknown as NodeJS.WriteStream, ...options })
  for (let at = 1; at <= 4; at++) {
    now.mockReturnValue(1000 * at)
    const fixed = { epoch: 0, examples: 2, loss: 3, metrics: {}, learningRate: 1, stepMs: at === 1 ? 9e9 : 1000 }
    see({ type: 'step', step: at, steps: 4, ...fixed, ...step })
  }
  see({ type: 'sample', step: 4, prompt: 'Call', text: ' me\n\x1b[2J\tIshmael' })
  vi.restoreAllMocks()
  return text
}

test('a training on tokens says how many a second, from its second step on, and its share of the machine', () => {
  const [last] = shown({ pace: { flopsPerToken: 1e6, machineRate: 1e11 } }, { tokens: 25_600 }).split('\n')
  expect(last).toBe('4/4 loss 3.000 1.0/s 25.6k tokens/s (26% of matrix products) 0:04<0:00')
  expect(shown({}, { tokens: 25 }).split('\n')[0]).toBe('4/4 loss 3.000 1.0/s 25 tokens/s 0:04<0:00')
  expect(shown({}).split('\n')[0]).toBe('4/4 loss 3.000 1.0/s 0:04<0:00')
})

test('samples come as they are, but for what moves a cursor', () => {
  expect(shown({}).split('\n').slice(1)).toEqual(['step 4: sample', 'Call me', '?[2J?Ishmael', ''])
})
