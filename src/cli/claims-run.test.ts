import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { fresh } from '../../test/training.ts'
import { OptionError } from '../errors.ts'
import { onlyConstant } from '../lab/experiment/constant.test-kit.ts'
import { claimsRunCommand } from './claims-run.ts'
import * as modules from './experiments.ts'

beforeEach(() => {
  vi.spyOn(modules, 'experimentWith').mockImplementation(onlyConstant)
})
afterEach(() => vi.restoreAllMocks())

const run = (...args: string[]): Promise<Written> =>
  runCommand(claimsRunCommand(), [...args, '--quiet', '--folder', fresh()])

test.each([
  [
    'an experiment that is pending',
    ['E17'],
    /^claims run: nothing was run\. E17: It waits for the text classification/,
  ],
  ['in Chinese', ['E17', '--lang', 'zh'], /^claims run: nothing was run\. E17: 等待文本分类应用。/],
  ['an experiment without a file', ['E9'], /^claims run: nothing was run\. E9: There is no file for it yet\./],
  ['all of them', ['E9', 'E17'], /E9: There is no file for it yet\. E17: It waits/],
])('where nothing can be run it is an error, and not of the command line: %s', async (_, args, message) => {
  const ended = run(...args)
  await expect(ended).rejects.toThrow(message)
  await expect(ended).rejects.not.toBeInstanceOf(OptionError)
})

test('where part can be run the rest is told, and the part is run', async () => {
  const results = fresh()
  const { out, err } = await run('E8', 'E17', '--results', results)
  expect(err).toBe('residua: left out: E17: It waits for the text classification application.\n')
  expect(out).toMatch(/^\nE8\. .*\n {2}Residual MLPs.*\n\n {2}It drops\.\n {2}holds/)
  expect(existsSync(`${results}/E8.json`)).toBe(true)
})
