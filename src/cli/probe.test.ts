import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { probeCommand } from './probe.ts'

const root = mkdtempSync(join(tmpdir(), 'residua-probe-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/** Runs the command; `see` is called with every piece of standard error. */
async function run(
  args: readonly string[],
  see: (text: string) => void = () => undefined,
): Promise<{ out: string; err: string; folder: string }> {
  const folder = mkdtempSync(join(root, 'out-'))
  const tokens = args.includes('resnet') ? [] : ['--tokens', '8']
  const written = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text)
    see(String(text))
    return true
  })
  await probeCommand()
    .exitOverride()
    .parseAsync(['--width', '16', ...tokens, '--seeds', '2', '--out', folder, ...args], { from: 'user' })
  vi.restoreAllMocks()
  return { ...written, folder }
}

const number = String.raw`[\d.]+(?:e\+\d+)?`

test('prints measured and forecast over depth, and writes JSON and figure', async () => {
  const { out, err, folder } = await run(['--depth', '6..24'])
  const lines = out.trim().split('\n')
  expect(lines[0]).toMatch(/^blocks +sublayers +v_L +forecast +ratio +forecast +v_l grows +against it$/)
  const row = new RegExp(`^(6|12|24) +\\1 +${number} +${number} +${number} +${number} +linear +nothing$`)
  expect(lines.filter((line) => row.test(line))).toHaveLength(3)
  expect(out).toMatch(
    /The ratio goes as blocks\^0\.\d+\.\nNothing at initialisation speaks against the default wiring at 24 blocks; only training shows the rest\./,
  )
  expect(err).toBe('residua: probing 6 blocks\nresidua: probing 12 blocks\nresidua: probing 24 blocks\n')

  const stored = JSON.parse(readFileSync(join(folder, 'probe.json'), 'utf8')) as {
    depths: { depth: number; measured: { profile: { stream: number[] } } }[]
  }
  expect(stored.depths.map(({ depth, measured }) => [depth, measured.profile.stream.length])).toEqual([
    [6, 7],
    [12, 13],
    [24, 25],
  ])
  const figure = readFileSync(join(folder, 'probe_stream_gradient_depth.svg'), 'utf8')
  expect(figure).toMatch(/<svg[^]*measured[^]*forecast[^]*<\/svg>/)
})

test('says what speaks against a wiring, and what to use instead', async () => {
  const { out, err } = await run(['--wiring', '{"norm":"none"}', '--depth', '48'])
  expect(out).toMatch(/48 +48 .*exponential +gradient x.*output rms/)
  expect(out).toContain('At 48 blocks this speaks against {"norm":"none"}: the gradient grows x')
  expect(out).not.toMatch(/\btrain/)
  expect(out).toContain('{"norm":"none","branchScale":{"exponent":0.5}}')
  expect(err).toContain('residua: probing 48 blocks, trying branches times 1/sqrt(n)')
})

test('a wiring out of a file, without a forecast, as JSON', async () => {
  const file = join(root, 'wiring.json')
  writeFileSync(file, '{"skip":"gru"}')
  const { out } = await run(['--wiring', `@${file}`, '--depth', '2,3', '--json'])
  const result = JSON.parse(out) as { wiring: object; depths: { depth: number; forecast: object; skipGain: number }[] }
  expect(result.wiring).toEqual({ skip: 'gru' })
  expect(result.depths.map(({ depth }) => depth)).toEqual([2, 3])
  expect(result.depths[0]!.forecast).toEqual({
    reason: {
      en: "skip 'gru' has no closed form for second moments",
      zh: "skip 'gru' 的二阶矩没有封闭形式",
    },
  })
  expect(result.depths[0]!.skipGain).toBeGreaterThan(0.1)
})

test('decoders, transformers and residual convolutional nets', async () => {
  const decoder = await run(['--kind', 'decoder', '--wiring', '{"placement":"post"}', '--depth', '2'])
  expect(decoder.out).toContain('a causal mask under a norm on the sum')
  const transformer = await run(['--kind', 'transformer', '--heads', '2', '--depth', '2'])
  expect(transformer.out).toMatch(/^2 +4 +[\d.]+ +[\d.]+ /m)
  const resnet = await run(['--kind', 'resnet', '--size', '4', '--depth', '2'])
  expect(resnet.out).toMatch(/^2 +2 +[\d.]+ +[\d.]+ /m)
})

test('Ctrl-C ends after the depth at hand, without writing', async () => {
  const { out, err, folder } = await run(['--depth', '2,4,6'], (text) => {
    if (text.includes('probing 4')) process.emit('SIGINT', 'SIGINT')
  })
  expect(out).toBe('')
  expect(err).toMatch(/residua: stopped; nothing was written\n$/)
  expect(err).not.toContain('probing 6')
  expect(process.exitCode).toBe(130)
  expect(existsSync(join(folder, 'probe.json'))).toBe(false)
})

test.each<[readonly string[], string]>([
  [['--wiring', '{"norm":"layr"}'], "wiring.norm: unknown name 'layr', did you mean 'layer'?"],
  [['--wiring', 'pre'], 'Expected JSON such as'],
  [['--wiring', '@nowhere.json'], 'nowhere.json: cannot read'],
  [['--depth', '0'], 'Expected a whole number from 1 to 1000.'],
  [['--depth', '6..'], 'Expected a whole number from 1 to 1000.'],
  [['--depth', '12..6'], 'Expected a range from small to large, such as 6..96.'],
  [['--kind', 'gpt'], 'Allowed choices are mlp, transformer, decoder, resnet.'],
  [['--kind', 'transformer', '--heads', '3', '--depth', '2'], 'heads must divide the width 16, got 3'],
  [['--heads', '2', '--depth', '2'], 'mlp takes no heads'],
  [['--wiring', '{"placement":"b2t"}', '--depth', '2'], 'placement b2t needs at least two branches'],
])('refuses %j', async (args, message) => {
  await expect(run(args)).rejects.toThrow(message)
})
