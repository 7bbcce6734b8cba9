import { Command } from 'commander'
import { expect, test } from 'vitest'
import type { Settings } from './settings.ts'
import { trainCommandLine } from './train-command.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'

/** The settings that the words behind `residua train` mean. */
function settingsOfWords([model, ...words]: readonly string[]): Settings {
  const command = addTrainFlags(new Command()).exitOverride()
  command.parse(words, { from: 'user' })
  return settingsOf(model!, command.opts<TrainFlags>())
}

/** What a POSIX shell makes of a line of plain and single-quoted words. */
const shellWords = (line: string): string[] =>
  Array.from(line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g), ([word]) =>
    word.replace(/'([^']*)'|\\(.)/g, (_, quoted: string | undefined, one: string | undefined) => quoted ?? one ?? ''),
  )

test.each([
  ['mlp --data mnist', 'residua train mlp --data mnist'],
  [
    'mlp --seed 3 --data f.csv:kind --depth 4 --hidden 16 --width 16',
    'residua train mlp --data f.csv:kind --depth 4 --width 16 --seed 3',
  ],
  [
    'mlp --data mnist --epochs 2 --optimizer sgd --learning-rate 0.01',
    'residua train mlp --data mnist --optimizer sgd',
  ],
  ['resnet --data mnist --bottleneck --depth 29 --probe-every 5 --probes rms,gainMin', null],
  ['mlp --data mnist --probe-every 5 --probes all --clip-norm 1 --steps 100 --warmup 10 --schedule cosine', null],
  ['gpt --data moby-dick --feed-forward plain --bias --tied --activation geluTanh --clip-norm 0 --kv-heads 2', null],
  ["gpt --data moby-dick --sample-every 10 --prompt it's --sample-tokens 7 --steps 30 --warmup 0", null],
  ['gpt --data moby-dick --wiring {"norm":"layer","init":"gpt2"} --early-stopping 2 --z-loss 1e-4', null],
])('%s is said again in a line that means the same', (words, expected) => {
  const settings = settingsOfWords(words.split(' '))
  const stored = JSON.parse(JSON.stringify(settings)) as Settings
  const line = trainCommandLine(stored)
  if (expected !== null) expect(line).toBe(expected)
  const [program, command, ...again] = shellWords(line!)
  expect([program, command]).toEqual(['residua', 'train'])
  expect(settingsOfWords(again)).toEqual(settings)
})

test('settings that no training was begun with have no line', () => {
  const settings = settingsOfWords(['mlp', '--data', 'mnist'])
  expect(trainCommandLine({ ...settings, model: 'finetune' })).toBeNull()
  expect(trainCommandLine({ ...settings, bottleneck: true })).toBeNull()
})
