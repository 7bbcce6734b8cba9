import { expect } from 'vitest'
import { DataError } from '../src/errors.ts'

/** The message of the DataError that `action` must throw. */
export function dataErrorOf(action: () => unknown): string {
  let error: unknown
  try {
    action()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(DataError)
  return (error as DataError).message
}
