import { expect, test } from 'vitest'
import { inits, norms, placements, skips } from '../nn/wiring/tables.ts'
import { resolveWiring, warningsOf, type Wiring } from '../nn/wiring/wiring.ts'
import { warningText } from './warning-text.ts'

const wirings = [
  ...Object.keys(skips).flatMap((skip): Wiring[] => [
    { skip },
    { skip, norm: 'none' },
    { skip, norm: 'none', init: 'gpt2' },
  ]),
  ...[0, 3].flatMap((bias): Wiring[] => [{ skip: { name: 'highway', bias } }, { skip: { name: 'gru', bias: -bias } }]),
  ...Object.keys(placements).flatMap((placement) =>
    Object.keys(inits).flatMap((init): Wiring[] => [
      { placement, init },
      { placement, init, qkNorm: false },
    ]),
  ),
  ...Object.keys(norms).map((norm): Wiring => ({ norm })),
].filter((wiring) => {
  try {
    resolveWiring(wiring)
    return true
  } catch {
    return false
  }
})

test('every warning of the catalogue has a Chinese sentence with the same names and figures', () => {
  const warnings = new Set(wirings.flatMap((wiring) => warningsOf(wiring, { seats: 40, warmupSteps: 0 })))
  expect(warnings.size).toBeGreaterThan(8)
  for (const warning of warnings) {
    const { en, zh } = warningText(warning)
    expect(en).toBe(warning)
    expect(zh, en).toMatch(/\p{Script=Han}/u)
    for (const figure of en.match(/-?\d+/g) ?? []) expect(zh).toContain(figure)
  }
})

test('what a part from elsewhere warns of stays as it is', () => {
  expect(warningText('mine is odd')).toEqual({ en: 'mine is odd', zh: 'mine is odd' })
})
