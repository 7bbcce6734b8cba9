import { ShapeError } from 'residua'

/** 1 where `build` ends in a shape error that names both sizes, else 0. */
export function shapeClash(a: number, b: number, build: () => unknown): number {
  try {
    build()
  } catch (error) {
    if (error instanceof ShapeError) return Number([a, b].every((size) => RegExp(`\\b${size}\\b`).test(error.message)))
    throw error
  }
  return 0
}
