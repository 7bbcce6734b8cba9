import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fresh } from '../../test/training.ts'
import { openLayers } from '../train/files/layers.ts'
import { gradientRatio, readProfiles } from './profile.ts'

const sites = ['w', 'input', 'blocks.0.stream']

function recorded(stats: string[], frame: number[]): string {
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  const layers = openLayers(folder, { sites, stats, every: 2 })
  layers.write(1, frame)
  layers.close()
  return folder
}

test('depth profiles are read from among other sites and statistics', () => {
  const [profile] = readProfiles(recorded(['gradientNorm', 'kurtosis', 'rms'], [9, 9, 9, 3, 9, 1, 6, 9, 2]))
  expect(profile).toEqual({ step: 1, rms: [1, 2], gradientNorm: [3, 6] })
  expect(gradientRatio(profile!)).toBe(0.5)
})

test('what a run did not record is NaN', () => {
  const [profile] = readProfiles(recorded(['kurtosis', 'rms'], [9, 9, 9, 1, 9, 2]))
  expect(profile).toEqual({ step: 1, rms: [1, 2], gradientNorm: [NaN, NaN] })
})

test('a run that probed nothing has none', () => {
  const folder = fresh()
  mkdirSync(folder, { recursive: true })
  expect(readProfiles(folder)).toEqual([])
})
