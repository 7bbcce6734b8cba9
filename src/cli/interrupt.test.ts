import { afterEach, expect, test, vi } from 'vitest'
import { clock } from '../clock.ts'
import { type Interrupt, takeInterrupts } from './interrupt.ts'

let interrupt: Interrupt | undefined
let now = 0

function take(): { interrupt: Interrupt; stopped: number[]; said: string[] } {
  const stopped: number[] = []
  const said: string[] = []
  vi.spyOn(clock, 'now').mockImplementation(() => now)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  interrupt = takeInterrupts((code) => stopped.push(code))
  return { interrupt, stopped, said }
}

afterEach(() => {
  interrupt?.release()
  vi.restoreAllMocks()
})

test('the first Ctrl-C asks to finish, its echo is the same one, the next stops', () => {
  const { interrupt, stopped, said } = take()
  expect(interrupt).toMatchObject({ exitCode: 0, signal: { aborted: false } })
  process.emit('SIGINT', 'SIGINT')
  expect(interrupt).toMatchObject({ exitCode: 130, signal: { aborted: true } })
  now += 50
  process.emit('SIGINT', 'SIGINT')
  expect(stopped).toEqual([])
  now += 1000
  process.emit('SIGINT', 'SIGINT')
  expect(stopped).toEqual([130])
  expect(said).toEqual([expect.stringContaining('residua: finishing this step; Ctrl-C once more stops at once\n')])
})

test('SIGTERM is like the first Ctrl-C, however often it comes', () => {
  const { interrupt, stopped } = take()
  process.emit('SIGTERM', 'SIGTERM')
  now += 1000
  process.emit('SIGTERM', 'SIGTERM')
  expect(interrupt).toMatchObject({ exitCode: 143, signal: { aborted: true } })
  expect(stopped).toEqual([])
})

test('release gives the signals back', () => {
  const before = process.listenerCount('SIGINT')
  take().interrupt.release()
  expect(process.listenerCount('SIGINT')).toBe(before)
})
