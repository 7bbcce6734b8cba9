import { Command } from 'commander'
import { expect, test } from 'vitest'
import { arrays } from '../data/arrays.ts'
import { optimizerOf } from './optimizer.ts'
import { evaluateEveryOf, type Settings, settingsSchema, stepsOf, stepsPerEpochOf } from './settings.ts'
import { addTrainFlags, settingsOf, type TrainFlags } from './train-flags.ts'
import { netOf } from './train-models.ts'

const data = arrays({ inputs: Array.from({ length: 65 }, (_, i) => [i]), targets: new Int32Array(65), classes: 1 })

function settingsFor(model: string, ...args: string[]): Settings {
  const command = addTrainFlags(new Command())
  command.exitOverride().configureOutput({ writeErr: () => undefined })
  command.parse(['--data', 'x.csv', ...args], { from: 'user' })
  return settingsOf(model, command.opts<TrainFlags>())
}

const settings = (...args: string[]): Settings => settingsFor('mlp', ...args)
const rows = { train: data, outputs: 1, image: null }
const image = { channels: 1, height: 2, width: 2 }
const perEpochOf = (asked: Settings): number => stepsPerEpochOf(asked, data, netOf(asked, rows).traced)

test('the defaults, as a run stores them', () => {
  const defaults = settings()
  expect(settingsSchema.parse(JSON.parse(JSON.stringify(defaults)))).toEqual(defaults)
  expect(defaults).toMatchObject({ depth: 2, width: 128, hidden: 128, optimizer: 'adamW', learningRate: 1e-3 })
  expect(defaults).toMatchObject({ epochs: 2, steps: null, batchSize: 32, seed: 0, holdOut: null })
  expect(settings('--optimizer', 'sgd').learningRate).toBe(1e-2)
})

test('a resnet has its own options and defaults', () => {
  const plain = settingsFor('resnet')
  const own = { hidden: null, dropout: 0, bottleneck: false, activation: 'relu' }
  const wiring = { skip: 'preActivation', norm: { name: 'batch' }, placement: 'preEach' }
  expect(plain).toMatchObject({ model: 'resnet', depth: 20, width: 16, ...own, wiring })
  expect(settingsSchema.parse(JSON.parse(JSON.stringify(plain)))).toEqual(plain)
  expect(settingsFor('resnet', '--bottleneck')).toMatchObject({ depth: 20, width: 64, bottleneck: true })
  const pixels = arrays({ inputs: [[1, 2, 3, 4]], targets: new Int32Array(1), classes: 1 })
  const { net } = netOf(settingsFor('resnet', '--depth', '8', '--width', '4'), { train: pixels, outputs: 3, image })
  const { options } = net.spec
  expect(options).toMatchObject({ depth: 8, channels: 4, outputs: 3, image, bottleneck: false, wiring })
})

test('a gpt has its own options and defaults', () => {
  const plain = settingsFor('gpt')
  const training = { steps: 2000, epochs: null, batchSize: 8, schedule: 'cosine', warmup: 100, clipNorm: 1 }
  const sizes = { depth: null, width: 128, hidden: 344, activation: 'silu', wiring: { norm: { name: 'rms' } } }
  expect(plain).toMatchObject({ model: 'gpt', ...sizes, ...training, learningRate: 1e-3 })
  expect(plain.gpt).toMatchObject({ positions: 'rotary', feedForward: 'gated', bias: false })
  expect(plain.gpt).toMatchObject({
    layers: 4,
    heads: 4,
    keyValueHeads: 4,
    context: 128,
    tokenizer: null,
    sample: null,
  })
  const options = ['--layers', '2', '--width', '8', '--heads', '4', '--kv-heads', '2', '--head-size', '6', '--tied']
  const more = ['--feed-forward', 'plain', '--positions', 'learned', '--bias', '--softcap', '9', '--z-loss', '1e-4']
  const last = ['--hidden', '20', '--clip-norm', '0', '--warmup', '3', '--dropout', '0.1', '--recompute', 'blocks']
  const full = settingsFor('gpt', ...options, ...more, ...last, '--sample-every', '5', '--prompt', 'a b')
  expect(full).toMatchObject({ clipNorm: null, warmup: 3, activation: 'gelu' })
  expect(full.gpt).toMatchObject({ zLoss: 1e-4, recompute: 'blocks', sample: { every: 5, prompt: 'a b', tokens: 100 } })
  for (const asked of [plain, full]) expect(settingsSchema.parse(JSON.parse(JSON.stringify(asked)))).toEqual(asked)
  const ids = arrays({ inputs: new Int32Array(128), targets: new Int32Array(1), shape: [128] })
  const { net, traced } = netOf(full, { train: ids, outputs: 11, image: null })
  const own = { layers: 2, width: 8, heads: 4, keyValueHeads: 2, headSize: 6, hidden: 20, vocabulary: 11, context: 128 }
  expect(net.spec.options).toMatchObject({ ...own, positions: 'learned', feedForward: 'plain', bias: true, softcap: 9 })
  expect(traced.output.shape).toEqual([2, 128, 11])
})

test('a warm-up takes at most a tenth of the steps that were asked for', () => {
  expect(settingsFor('gpt', '--steps', '50').warmup).toBe(5)
  expect(settingsFor('gpt', '--epochs', '3')).toMatchObject({ warmup: 100, steps: null, epochs: 3 })
})

test.each([
  ['mlp', ['--bottleneck'], 'train: mlp takes no --bottleneck; leave it out, or choose another model'],
  ['resnet', ['--hidden', '8', '--dropout', '0'], 'train: resnet takes no --hidden, --dropout; leave it out'],
  ['mlp', ['--layers', '2', '--kv-heads', '1', '--no-bias'], 'train: mlp takes no --layers, --kv-heads, --bias; leave'],
  ['resnet', ['--sample-every', '2'], 'train: resnet takes no --sample-every; leave it out'],
  [
    'gpt',
    ['--depth', '8', '--bottleneck', '--task', 'classify'],
    'train: gpt takes no --task, --depth, --bottleneck; leave',
  ],
  ['gpt', ['--prompt', 'a'], 'train: --prompt and --sample-tokens say what samples are; give --sample-every'],
  ['gpt', ['--sample-every', '9'], 'train: --sample-every needs what samples begin with; give --prompt'],
  ['resnet', ['--depth', '9'], 'resnet: depth must be 6 n + 2, such as 8, got 9'],
  ['resnet', ['--depth', '8', '--bottleneck'], 'resnet: depth must be 9 n + 2, such as 11, got 8'],
  ['resnet', [], 'train: resnet needs images, arrays has rows of 1 numbers; train an mlp, or take --data mnist'],
  ['resnt', [], "train: unknown name 'resnt', did you mean 'resnet'? Known: mlp, resnet, gpt"],
])('%s refuses %j', (model, args, message) => {
  expect(() => netOf(settingsFor(model, ...args), { ...rows, image: args[0] === '--depth' ? image : null })).toThrow(
    message,
  )
})

test('probes are all, or names; each once', () => {
  const probes = (...args: string[]): Settings['probes'] => settings('--probe-every', '5', ...args).probes
  expect(probes()).toBeNull()
  expect(probes('--probes', 'all')).toBe('all')
  expect(probes('--probes', 'rms, kurtosis,rms')).toEqual(['rms', 'kurtosis'])
  const some = settings('--probe-every', '5', '--probes', 'rms,maxAbs')
  expect(settingsSchema.parse(JSON.parse(JSON.stringify(some)))).toEqual(some)
  expect(() => probes('--probes', 'rms,kurtosi')).toThrow("--probes: unknown name 'kurtosi', did you mean 'kurtosis'?")
  expect(() => settings('--probes', 'all')).toThrow('train: --probes measures every so many steps; give --probe-every')
})

test('a wiring may be incomplete and lie in a file', () => {
  expect(settings('--wiring', '{"norm":"rms"}').wiring).toMatchObject({
    skip: 'identity',
    norm: { name: 'rms' },
    placement: 'pre',
  })
})

test.each([
  [['--epochs', '3'], 9],
  [['--steps', '7'], 7],
  [['--epochs', '3', '--accumulate', '2'], 6],
  [['--epochs', '3', '--wiring', '{"norm":"batch"}'], 6], // the remainder of one is left out
  [['--epochs', '3', '--wiring', '{"norm":"standardize"}'], 9],
])('steps of %j', (args, steps) => {
  const asked = settings(...args)
  expect(stepsOf(asked, perEpochOf(asked))).toBe(steps)
})

test('evaluates once per epoch, at most 20 times, or as asked', () => {
  expect(evaluateEveryOf(settings('--epochs', '20'), 3)).toBeNull()
  expect(evaluateEveryOf(settings('--epochs', '21'), 3)).toBe(4)
  expect(evaluateEveryOf(settings('--evaluate-every', '5'), 3)).toBe(5)
})

test('learning rates at the steps 1, 2, 6 and 10', () => {
  const rates = (...args: string[]): number[] => {
    const { learningRate } = optimizerOf(settings('--learning-rate', '8', ...args), 10)
    return [1, 2, 6, 10].map((step) => Number(learningRate.at(step).toFixed(6)))
  }
  expect(rates()).toEqual([8, 8, 8, 8])
  expect(rates('--warmup', '2')).toEqual([4, 8, 8, 8])
  expect(rates('--schedule', 'linear', '--warmup', '2')).toEqual([4, 8, 4, 0])
  expect(rates('--schedule', 'cosine', '--warmup', '2')).toEqual([4, 8, 4, 0])
})

test('the optimizer has what was asked for', () => {
  const sgd = optimizerOf(settings('--optimizer', 'sgd', '--momentum', '0.9', '--weight-decay', '0.1'), 10)
  expect(sgd).toMatchObject({ name: 'sgd', options: { momentum: 0.9, weightDecay: 0.1 } })
  expect(optimizerOf(settings('--clip-norm', '2'), 10)).toMatchObject({ name: 'adamW', clipNorm: 2 })
  expect(() => optimizerOf(settings('--optimizer', 'adam', '--weight-decay', '0.1'), 10)).toThrow('use adamW')
})

test('a net that no file could hold is refused before anything is allocated', () => {
  expect(() => netOf(settings('--depth', '9', '--width', '8000'), rows)).toThrow(
    'mlp: depth 9 and width 8000 make 1152328001 parameters, expected fewer than 536870912',
  )
})
