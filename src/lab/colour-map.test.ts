import { expect, test } from 'vitest'
import { sequential } from './colour-map.ts'

type Rgb = readonly [r: number, g: number, b: number]

/** Light of each primary, 0 to 1. Source: IEC 61966-2-1 (sRGB). */
const linear = (colour: string): Rgb =>
  (colour.match(/\d+/g)!.map(Number) as unknown as Rgb).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb

/** CIE 1976 L*, 0 to 100. */
function lightness([r, g, b]: Rgb): number {
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (24389 / 27) * y
}

/** What eyes without one kind of cone see. Source: Machado, Oliveira & Fernandes 2009, severity 1. */
const eyes: Readonly<Record<string, readonly Rgb[]>> = {
  'no red cones': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'no green cones': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'no blue cones': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const stepsOf = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - values[i]!)

test('equal steps look equal: lightness rises evenly from dark to light', () => {
  const light = sequential.map((colour) => lightness(linear(colour)))
  expect(light[0]).toBeLessThan(20)
  expect(light.at(-1)).toBeGreaterThan(88)
  for (const step of stepsOf(light)) expect(step).toBeGreaterThan(0.5)
  const ninths = stepsOf(light.filter((_, i) => i % 7 === 0)) // viridis is even in CAM02-UCS, nearly so in L*
  const even = (light.at(-1)! - light[0]!) / ninths.length
  for (const step of ninths) expect(Math.abs(step / even - 1)).toBeLessThan(0.15)
})

test.each(Object.entries(eyes))('the order stays for %s', (_, matrix) => {
  const seen = sequential.map((colour) => {
    const light = linear(colour)
    return lightness(matrix.map((row) => row.reduce((sum, w, i) => sum + w * light[i]!, 0)) as unknown as Rgb)
  })
  for (const step of stepsOf(seen)) expect(step).toBeGreaterThan(0.3)
})
