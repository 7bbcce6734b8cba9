/** The built program as users run it: child processes on a small CSV file. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveWiring } from '../src/nn/wiring/wiring.ts'
import { random } from '../src/random.ts'
import { readSafetensors } from '../src/files/safetensors.ts'
import { writeTinyMnist } from './tiny-mnist.ts'

const program = resolve('dist/cli/main.js')
const folder = mkdtempSync(join(tmpdir(), 'residua-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `residua` in the test folder; `onLine` sees standard output as it comes. */
async function residua(
  args: readonly string[],
  {
    input = '',
    onLine,
  }: { input?: string; onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, RESIDUA_THREADS: '1' },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (text) => (out += String(text)))
  child.stderr.on('data', (text) => (err += String(text)))
  if (onLine) createInterface(child.stdout).on('line', (line) => onLine(line, (signal) => child.kill(signal)))
  child.stdin.end(input)
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, out, err }
}

/** A line of `residua wirings --json`. */
interface ListedVariant {
  readonly axis: 'skip' | 'norm' | 'placement' | 'init'
  readonly name: string
  readonly default: boolean
  readonly options: Readonly<Record<string, { readonly default: unknown }>>
}

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const train = ['train', 'mlp', '--data', 'flowers.csv', '--depth', '1', '--width', '8', '--learning-rate', '0.01']
const weightsAt = (run: string, step: number): Buffer =>
  readFileSync(join(folder, run, 'checkpoints', `step-${String(step).padStart(6, '0')}`, 'tensors.safetensors'))

beforeAll(async () => {
  const { uniform } = random(0, 'flowers')
  const kinds = ['rose', 'tulip', '"lily, white"']
  const rows = Array.from({ length: 120 }, (_, i) => {
    const at = i % 3
    return `${(at + 0.5 * uniform()).toFixed(3)},${(uniform() - at).toFixed(3)},${kinds[at]}`
  })
  writeFileSync(join(folder, 'flowers.csv'), ['size,weight,kind', ...rows].join('\n'))
  const { code, err } = await residua([...train, '--steps', '120', '--run', 'runs/a'])
  expect(err).toContain('step 120: evaluation loss')
  expect(code).toBe(0)
})

test('train leaves a run folder that eval measures again', async () => {
  expect(readdirSync(join(folder, 'runs/a')).sort()).toEqual([
    ...['checkpoints', 'config.json', 'events.jsonl', 'model.onnx', 'run.json', 'scalars.jsonl', 'summary.json'],
  ])
  const summary = JSON.parse(readFileSync(join(folder, 'runs/a/summary.json'), 'utf8')) as Record<string, unknown>
  expect(summary).toMatchObject({ state: 'done', step: 120, accuracy: 1 })
  const { out, err } = await residua(['eval', 'runs/a', '--json'])
  const { loss, accuracy } = summary
  expect(jsonLines(out)).toEqual([
    { run: 'runs/a', step: 120, data: 'flowers.csv[rest]', examples: 24, loss, accuracy },
  ])
  expect(err).toBe('')
  const all = await residua(['eval', 'runs/a', '--data', 'flowers.csv'])
  expect(all.out).toMatch(/^run +runs\/a\nstep +120\ndata +flowers.csv\nexamples +120\nloss +\d\.\d+\naccuracy +1\n$/)
})

test('predict names classes, from a file or standard input, as CSV or JSON', async () => {
  const asCsv = await residua(['predict', 'runs/a', '--input', '-'], { input: 'weight,size\n0.5,0.2\n-1.5,2.2\n' })
  const lines = asCsv.out.trim().split('\n')
  expect(lines[0]).toBe('class,"lily, white",rose,tulip')
  expect(lines.slice(1).map((line) => /^("[^"]*"|[^,]*),/.exec(line)?.[1])).toEqual(['rose', '"lily, white"'])
  const asJson = await residua(['predict', 'runs/a', '--input', '-', '--json'], { input: '1.2,-0.5' })
  const [row] = jsonLines(asJson.out)
  expect(row).toMatchObject({ row: 0, class: 'tulip' })
  const probabilities = Object.values(row?.probabilities as Record<string, number>)
  expect(probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 12)
})

test('a regression: the next free run folder, nothing held out, outputs', async () => {
  const rows = Array.from({ length: 64 }, (_, i) => `${i / 32 - 1},${(i / 32 - 1) / 2}`)
  writeFileSync(join(folder, 'half.csv'), rows.join('\n'))
  const args = ['train', 'mlp', '--data', 'half.csv', '--hold-out', '0', '--width', '16', '--steps', '300', '--quiet']
  const { out, err } = await residua([...args, '--schedule', 'cosine', '--warmup', '10', '--learning-rate', '0.01'])
  expect(out).toContain('run         runs/mlp-half-1\n')
  expect(err).toBe('')
  const { out: predicted } = await residua(['predict', 'runs/mlp-half-1', '--input', '-'], { input: '0.5\n-0.5' })
  const [head, ...values] = predicted.trim().split('\n')
  expect(head).toBe('output')
  expect(Number(values[0])).toBeCloseTo(0.25, 1)
  expect(Number(values[1])).toBeCloseTo(-0.25, 1)
  const evaluated = await residua(['eval', 'runs/mlp-half-1'])
  expect(evaluated).toEqual({
    code: 2,
    out: '',
    err: 'residua: runs/mlp-half-1: the training held no examples out; give --data\n',
  })
})

test('export checks the ONNX file against predict, and writes weights', async () => {
  const onnx = await residua(['export', 'runs/a', '--out', 'a.onnx', '--json'])
  const [result] = jsonLines(onnx.out)
  expect(result).toMatchObject({ file: 'a.onnx', step: 120, checked: { batchSizes: [1, 7] } })
  expect((result?.checked as { largestDifference: number }).largestDifference).toBeLessThan(1e-5)
  expect((await residua(['export', 'runs/a', '--out', 'a.safetensors'])).code).toBe(0)
  const { tensors } = readSafetensors(readFileSync(join(folder, 'a.safetensors')), 'a.safetensors')
  expect(tensors['head.weight']?.shape).toEqual([3, 8])
})

test('Ctrl-C stores a checkpoint; resumed, the run ends in the same bytes as one that was left alone', async () => {
  const args = [...train, '--steps', '1500', '--dropout', '0.1', '--clip-norm', '1', '--json', '--quiet']
  const whole = residua([...args, '--run', 'runs/whole'])
  let asked = false
  const stopped = await residua([...args, '--run', 'runs/stopped'], {
    onLine: (line, kill) => {
      if (asked || !line.startsWith('{"type":"step","step":40,')) return
      asked = true
      kill('SIGINT')
    },
  })
  expect(stopped.code).toBe(130)
  expect(stopped.err).toBe(
    'residua: finishing this step; Ctrl-C once more stops at once\n' +
      'residua: stopped; go on with: residua train --resume runs/stopped\n',
  )
  const { step, state } = jsonLines(stopped.out).at(-1) as { step: number; state: string }
  expect(state).toBe('cancelled')
  expect(step).toBeGreaterThanOrEqual(40)
  expect(step).toBeLessThan(1500)

  const resumed = await residua(['train', '--resume', 'runs/stopped', '--json', '--quiet'])
  expect(resumed.code).toBe(0)
  expect(jsonLines(resumed.out)[0]).toMatchObject({ type: 'step', step: step + 1, steps: 1500 })
  expect((await whole).code).toBe(0)
  expect(weightsAt('runs/stopped', 1500).equals(weightsAt('runs/whole', 1500))).toBe(true)

  const again = await residua(['train', '--resume', 'runs/whole', '--json'])
  expect(jsonLines(again.out)).toEqual([jsonLines((await whole).out).at(-1)])
})

test('SIGTERM is like the first Ctrl-C; so is a reader that has seen enough', async () => {
  const args = [...train, '--steps', '100000', '--json', '--quiet']
  const onLine = (line: string, kill: (signal: NodeJS.Signals) => void): void => {
    if (line.startsWith('{"type":"step","step":5,')) kill('SIGTERM')
  }
  const { code, out } = await residua([...args, '--run', 'runs/terminated'], { onLine })
  expect(code).toBe(143)
  expect(jsonLines(out).at(-1)).toMatchObject({ type: 'summary', state: 'cancelled' })

  const child = spawn(process.execPath, [program, ...args, '--run', 'runs/unread'], { cwd: folder })
  child.stdout.once('data', () => child.stdout.destroy())
  await new Promise((done) => child.on('close', done))
  expect(JSON.parse(readFileSync(join(folder, 'runs/unread/run.json'), 'utf8'))).toMatchObject({ state: 'cancelled' })
})

test('a training that diverges is kept and ends with code 1', async () => {
  const args = ['--optimizer', 'sgd', '--learning-rate', '1e30', '--run', 'runs/diverged']
  const { code, out, err } = await residua([...train, ...args])
  expect(code).toBe(1)
  expect(out).toContain('state           diverged')
  expect(err).toMatch(
    /^residua: step \d+: the loss is .* Lower the learning rate, clip gradients, or change the wiring\n$/,
  )
  const exported = await residua(['export', 'runs/diverged', '--out', 'never.onnx'])
  expect(exported).toMatchObject({ code: 1, err: expect.stringContaining('outputs that are not finite') as string })
  expect(readdirSync(folder).filter((name) => name.startsWith('.tmp') || name === 'never.onnx')).toEqual([])
})

test('runs lists what is there; damaged folders do not stop it', async () => {
  const listed = join(folder, 'listed')
  mkdirSync(join(listed, 'deep', 'broken'), { recursive: true })
  writeFileSync(join(listed, 'deep', 'broken', 'run.json'), '{')
  const { code } = await residua([...train, '--steps', '1', '--run', 'listed/deep/ok', '--wiring', '{"skip":"none"}'])
  expect(code).toBe(0)
  const json = await residua(['runs', 'listed', '--json'])
  expect(jsonLines(json.out)).toEqual([
    {
      folder: 'listed/deep/broken',
      error: expect.stringContaining('listed/deep/broken/run.json: expected JSON') as string,
    },
    expect.objectContaining({ folder: 'listed/deep/ok', state: 'done', step: 1, wiring: 'none/layer/pre' }) as object,
  ])
  const text = await residua(['runs', 'listed'])
  expect(text.code).toBe(0)
  const scaled = ['--wiring', '{"placement":"none","branchScale":{"exponent":0.5}}']
  await residua([...train, '--steps', '1', '--run', 'listed/half', ...scaled])
  const half = jsonLines((await residua(['runs', 'listed/half', '--json'])).out)
  expect(half).toMatchObject([{ wiring: 'identity/none/none x n^-0.5' }])
  expect(text.out).toMatch(
    /^folder +state +step +loss +metrics +seconds +wiring\n.*damaged .*expected JSON.*\n.*ok +done +1 /,
  )
})

test('a resnet on images: probed, stopped, resumed, evaluated, applied and exported', async () => {
  writeTinyMnist(join(folder, 'digits'), 64, 20)
  const net = ['resnet', '--data', 'mnist', '--data-folder', 'digits', '--depth', '8', '--width', '4']
  const args = [...net, '--steps', '40', '--batch-size', '16', '--probe-every', '20', '--probes', 'rms,gainMin']
  const stopped = await residua(['train', ...args, '--run', 'runs/digits', '--json', '--quiet'], {
    onLine: (line, kill) => {
      if (line.startsWith('{"type":"step","step":2,')) kill('SIGINT')
    },
  })
  expect(stopped.code).toBe(130)
  const resumed = await residua(['train', ...args, '--resume', 'runs/digits', '--json', '--quiet'])
  expect(resumed.err).toBe('')
  const summary = jsonLines(resumed.out).at(-1)
  expect(summary).toMatchObject({ type: 'summary', state: 'done', step: 40 })
  const whole = await residua(['train', ...args, '--run', 'runs/digits-whole', '--json', '--quiet'])
  const probed = jsonLines(whole.out).filter(({ probes }) => probes) as { step: number; probes: object }[]
  expect(probed.map(({ step }) => step)).toEqual([1, 20, 40])
  for (const path of ['blocks.0.stream', 'blocks.2.branch']) {
    expect(probed[0]?.probes).toHaveProperty([path], { rms: expect.any(Number) as number })
  }
  expect(probed[0]?.probes).toHaveProperty(['finalNorm.gain'], { gainMin: 1 })
  expect(weightsAt('runs/digits', 40).equals(weightsAt('runs/digits-whole', 40))).toBe(true)

  const { loss, accuracy } = summary!
  const [measured] = jsonLines((await residua(['eval', 'runs/digits', '--json'])).out)
  expect(measured).toEqual({ run: 'runs/digits', step: 40, data: 'mnist.test', examples: 20, loss, accuracy })
  const pixels = new Array<number>(784).fill(0).join(',')
  const predicted = await residua(['predict', 'runs/digits', '--input', '-'], { input: `${pixels}\n${pixels}\n` })
  expect(predicted.out).toMatch(/^class,0,1,2,3,4,5,6,7,8,9\n(\d(,\d\S*){10}\n){2}$/)
  const [exported] = jsonLines((await residua(['export', 'runs/digits', '--out', 'digits.onnx', '--json'])).out)
  expect((exported?.checked as { largestDifference: number }).largestDifference).toBeLessThan(1e-5)
  const listed = await residua(['runs', 'runs/digits', '--json'])
  expect(jsonLines(listed.out)).toMatchObject([{ wiring: 'preActivation/batch/preEach' }])
})

test('what a wiring is warned of is said before the first step, on standard error', async () => {
  const post = ['--depth', '17', '--wiring', '{"placement":"post"}', '--steps', '8']
  const warning = 'post with 17 sublayers and no warm-up may collapse during the first steps; warm up, or choose pre'
  const { err } = await residua([...train, ...post, '--run', 'runs/post'])
  expect(err.startsWith(warning)).toBe(true)
  const warmed = await residua([...train, ...post, '--warmup', '4', '--run', 'runs/post-warmed', '--json', '--quiet'])
  expect(jsonLines(warmed.out).filter(({ type }) => type === 'notice')).toEqual([])
})

test('wirings lists every name with its options and defaults, and each of them can be said', async () => {
  const { out } = await residua(['wirings'])
  expect(out).toMatch(/^skip: .*\n {2}none\n {2}identity +default\n/)
  expect(out).toContain('bias = -2 (number); gates = coupled (coupled or separate)\n')
  expect(out).toMatch(/\n {2}stochasticDepth +last = 0\.5 \(number > 0, <= 1\)\n/)
  expect(out).toMatch(/\n {2}hyper +streams = 4 \(whole number >= 2, <= 64\); dynamic = false \(true or false\)\n/)
  expect(out).toMatch(/\n {2}hypersphere +placement geodesic; /)
  const rows = jsonLines((await residua(['wirings', '--json'])).out) as unknown as ListedVariant[]
  expect(rows.length).toBeGreaterThan(60)
  expect(rows.filter((row) => row.default).map(({ axis, name }) => `${axis} ${name}`)).toEqual([
    ...['skip identity', 'norm layer', 'placement pre', 'init layers'],
  ])
  for (const { axis, name, options } of rows) {
    const entries = Object.entries(options).map(([option, schema]) => [option, schema.default] as const)
    const choice = { name, ...(Object.fromEntries(entries) as object) }
    const norm = name === 'geodesic' ? 'hypersphere' : name === 'none' || axis === 'skip' ? 'none' : 'layer'
    const resolved = resolveWiring({ norm, placement: norm === 'none' ? 'none' : undefined, [axis]: choice })
    expect(resolved[axis]).toEqual(entries.length === 0 ? name : choice)
  }
  const norms = await residua(['wirings', 'norm'])
  expect(norms.out).toMatch(/^norm: [^]*\n {2}standardize\n/)
  expect(norms.out).not.toContain('skip:')
})

const bad: readonly string[] = [
  '',
  'trian',
  'train',
  'train mpl',
  'train mlp',
  'train mlp --data mnits',
  'train mlp --data missing.csv',
  'train mlp --data flowers.csv:kin',
  'train mlp --data flowers.csv --dept 3',
  'train mlp --data flowers.csv --depth two',
  'train mlp --data flowers.csv --activation rulu',
  'train mlp --data flowers.csv --dropout 1',
  'train mlp --data flowers.csv --wiring {',
  'train mlp --data flowers.csv --wiring {"skip":"identiy"}',
  'train mlp --data flowers.csv --wiring {"norms":"layer"}',
  'train mlp --data flowers.csv --data-folder digits',
  'train mlp --data flowers.csv --bottleneck',
  'train resnet --data flowers.csv',
  'train mlp --data flowers.csv --probes all',
  'train mlp --data flowers.csv --probe-every 1 --probes rm',
  'train mlp --data flowers.csv --probe-every 1 --probes maxLogit',
  'train mlp --data flowers.csv --optimizer adamw',
  'train mlp --data flowers.csv --momentum 0.9',
  'train mlp --data flowers.csv --warmup 100',
  'train mlp --data flowers.csv --epochs 1 --steps 2',
  'train mlp --data flowers.csv --batch-size 1000',
  'train mlp --data flowers.csv --device gpu',
  'train mlp --data flowers.csv --run runs/a',
  'train --resume',
  'train --resume runs/a --depth 2',
  'train mlp --data flowers.csv --resume runs/a --depth 1 --width 8 --learning-rate 0.01 --steps 100',
  'eval',
  'eval runs/none',
  'predict runs/a',
  'predict runs/a --input missing.csv',
  'export runs/a --out a.txt',
  'export runs/a --out none/a.onnx',
  'runs none',
  'compare runs/a',
  'compare runs/a runs/a',
  'compare runs/a runs/none',
  'report none',
  'verdict runs/a',
  'forecast --depth 0',
  'forecast --kind gpt',
  'forecast --lang de',
  'wirings skips',
]

test('a wrong command line ends in one line and code 2, anything else that is wrong in code 1', async () => {
  const said: string[] = []
  for (let from = 0; from < bad.length; from += 4) {
    const some = bad.slice(from, from + 4).map((line) => residua(line.split(' ').filter((word) => word !== '')))
    for (const { code, out, err } of await Promise.all(some)) {
      expect(out).toBe('')
      said.push(`${code} ${err.startsWith('Usage: residua') ? 'help' : err.trimEnd()}`)
    }
  }
  expect(said).toMatchInlineSnapshot(`
    [
      "2 help",
      "2 residua: unknown command 'trian'; did you mean train?",
      "2 residua: train: give the model: residua train mlp --data mnist",
      "2 residua: train: unknown name 'mpl', did you mean 'mlp'? Known: mlp, resnet, gpt",
      "2 residua: train: give the data: --data mnist, fashion-mnist or a CSV file",
      "2 residua: --data: unknown name 'mnits', did you mean 'mnist'? Known: mnist, fashion-mnist",
      "1 residua: missing.csv: cannot be read (ENOENT: no such file or directory, stat 'missing.csv')",
      "2 residua: csv: expected target to be one of size, weight, kind (flowers.csv), got kin",
      "2 residua: unknown option '--dept'; did you mean --depth?",
      "2 residua: option '--depth <n>' argument 'two' is invalid. Expected a whole number from 1 to 10000.",
      "2 residua: activation: unknown name 'rulu', did you mean 'relu'? Known: relu, gelu, geluTanh, silu, tanh, sigmoid",
      "2 residua: option '--dropout <rate>' argument '1' is invalid. Expected a number from 0 to below 1.",
      "2 residua: option '--wiring <json>' argument '{' is invalid. Expected JSON such as '{"skip":"identity","norm":"layer","placement":"pre"}'; residua wirings lists the names.",
      "2 residua: wiring.skip: unknown name 'identiy', did you mean 'identity'? Known: none, identity, projection, postActivation, preActivation, scaled, highway, gru, reZero, skipInit, layerScale, fixup, laurel, normalizerFree, stochasticDepth, orthogonal, dense, denseFormer, learnedScalars, uNet, valueResidual, hyper, manifoldHyper, attentionResidual, reversible, momentum",
      "2 residua: wiring: unknown field 'norms', did you mean 'norm'? Known: skip, norm, placement, init, branchScale, qkNorm, embedNorm, finalNorm",
      "2 residua: --data-folder: it is of mnist and fashion-mnist, got flowers.csv",
      "2 residua: train: mlp takes no --bottleneck; leave it out, or choose another model",
      "2 residua: train: resnet needs images, flowers.csv[0.8] has rows of 2 numbers; train an mlp, or take --data mnist or fashion-mnist",
      "2 residua: train: --probes measures every so many steps; give --probe-every",
      "2 residua: --probes: unknown name 'rm', did you mean 'rms'? Known: rms, maxAbs, kurtosis, branchRatio, gradientNorm, parameterGradientNorm, updateRatio, tokenCosine, centredTokenCosine, rankResidual, blockInfluence, attentionEntropy, maxLogit, squaredLogSumExp, gainMean, gainMin, gainMax, smallGains, residualWeight, compositeGain, zeroShare, deadUnits, saturation",
      "2 residua: compile: probes: 'maxLogit' is taken of taps named 'scores', and the net has none; leave it out, or use 'all'",
      "2 residua: --optimizer: unknown name 'adamw', did you mean 'adamW'? Known: adamW, adam, sgd",
      "2 residua: --momentum: only sgd has one",
      "2 residua: --warmup: expected fewer steps than the 6 of the training, got 100",
      "2 residua: train: give either --epochs or --steps",
      "2 residua: batches: batchSize 1000 is larger than the data set flowers.csv[0.8], which has 96 examples; choose at most that many",
      "2 residua: device: this version runs on 'cpu' in Node, got 'gpu'",
      "2 residua: runs/a: it already holds a run. Resume that run, or choose another folder",
      "2 residua: train: give the run folder: residua train --resume runs/name",
      "2 residua: train: a resumed run keeps its settings; leave out --depth",
      "2 residua: runs/a: its settings differ: steps is 120, asked for 100. Resume with the same, or choose another folder",
      "2 residua: missing required argument 'run'",
      "1 residua: runs/none: expected a run folder, but run.json is missing. Check the path",
      "2 residua: required option '--input <file>' not specified",
      "1 residua: missing.csv: cannot be read (ENOENT: no such file or directory, stat 'missing.csv')",
      "2 residua: --out: expected a file that ends in .onnx, .safetensors or .csv, got 'a.txt'; else give --format",
      "1 residua: none/a.onnx: there is no folder 'none'; create it first",
      "1 residua: none: there is no such folder; name the one that holds the runs",
      "2 residua: compare: expected at least two run folders, got 1. Name the baseline first",
      "2 residua: compare: expected different runs, got runs/a twice. Leave one out",
      "1 residua: runs/none: expected a run folder, but run.json is missing. Check the path",
      "1 residua: none: expected the folder of a run (run.json) or of a study (plan.json), got neither. Check the path; residua runs lists runs",
      "1 residua: runs/a: expected the folder of a study, but plan.json is missing. Check the path",
      "2 residua: option '--depth <blocks>' argument '0' is invalid. Expected a whole number from 1 to 1000.",
      "2 residua: option '--kind <name>' argument 'gpt' is invalid. Allowed choices are mlp, transformer, decoder, resnet.",
      "2 residua: option '--lang <language>' argument 'de' is invalid. Allowed choices are en, zh.",
      "2 residua: command-argument value 'skips' is invalid for argument 'axis'. Allowed choices are skip, norm, placement, init.",
    ]
  `)
})

test('help with examples, and the version, on standard output', async () => {
  const commands = [
    ...['train', 'eval', 'predict', 'export', 'runs', 'wirings', 'article'],
    ...['forecast', 'compare', 'verdict', 'report', 'dissect', 'advise', 'study', 'claims'],
  ]
  const helps = await Promise.all(commands.map((command) => residua([command, '--help'])))
  for (const [i, { code, out, err }] of helps.entries()) {
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Examples:\n  residua ${commands[i]}`)
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(await residua(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
})
