import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { runCommand, type Written } from '../../test/run-command.ts'
import { sameWiring } from '../lab/advice.ts'
import { adviseCommand } from './advise.ts'
import { fewestSteps, kindNames, kinds, measuredNet, type NetWanted } from './advise-kinds.ts'
import { settingArguments, trainArguments } from './advise-kinds.ts'
import { shellLine } from './train-command.ts'
import { type NetFlags, questions, wantedOf } from './advise-net.ts'
import { askAll } from './advise-questions.ts'
import { settingsOfCommand } from './advise-training.ts'

const root = mkdtempSync(join(tmpdir(), 'residua-advise-'))
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => {
  process.exitCode = undefined
})

const folders = ['--folder', join(root, 'checks'), '--studies', join(root, 'studies'), '--seeds', '1']
const run = (args: readonly string[], see?: (piece: string) => void): Promise<Written> =>
  runCommand(adviseCommand(), [...folders, ...args], see)

/** The arguments of a command line after `residua`, as a shell takes them apart. */
const taken = (line: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .slice(1)

const small = ['--width', '16']

describe('without a terminal', { timeout: 120_000 }, () => {
  test('a deep net without norm is advised against; the printed command trains what is advised', async () => {
    const { out, err } = await run(['--kind', 'mlp', '--depth', '40', ...small, '--wiring', '{"norm":"none"}'])
    expect(out).toMatch(/^mlp: 40 blocks of width 16, batch 32, learning rate 0.001, warm-up 0\nNo stored studies in /)
    expect(out).toMatch(/^setting +v_L +v_l grows +gradient ratio +token cosine/m)
    expect(out).toMatch(/^as asked +[\d.]+e\+\d+ +exponential .* gradient x/m)
    expect(out).toMatch(/^branches times 1\/sqrt\(n\) +[\d.]+ .*sound at initialisation$/m)
    expect(out).toContain('Leave it: at 40 blocks it will not train: the gradient grows')
    expect(out).toContain('Not checked: that the advised setting trains')
    expect(err).toContain('residua: measuring pre-norm\n')
    const settings = settingsOfCommand(taken(out.trimEnd().split('\n').at(-1)!))
    expect(settings).toMatchObject({
      model: 'mlp',
      depth: 40,
      width: 16,
      batchSize: 32,
      learningRate: 1e-3,
      steps: 200,
    })
    expect(sameWiring(settings.wiring, { norm: 'none', branchScale: { exponent: 0.5 } })).toBe(true)
  })

  test('in Chinese, and as JSON', async () => {
    const args = ['--kind', 'mlp', '--depth', '2', ...small]
    const { out } = await run([...args, '--lang', 'zh'])
    expect(out).toMatch(/^mlp：2 个块，宽度 16/)
    expect(out).toContain('只有 2 个子层时接线方式几乎无关紧要')
    const { out: json } = await run([...args, '--json'])
    const advice = JSON.parse(json) as Record<string, unknown>
    expect(advice).toMatchObject({ shallow: true, candidates: [], net: { kind: 'mlp', blocks: 2, warmupSteps: 0 } })
    expect(advice.command).toMatch(/^residua train mlp --depth 2 --width 16 /)
  })

  test('--check trains and says how it went; again, from what is stored', async () => {
    const args = ['--kind', 'mlp', '--depth', '2', ...small, '--check', '--steps', '30', '--learning-rate', '0.01']
    const { out, err } = await run(args)
    expect(out).toMatch(/^as asked .* trained: loss [\d.]+, chance 2.30$/m)
    expect(err).toContain('residua: training as asked')
    expect(out).toContain('Not checked: more than one seed')
    expect(out).not.toMatch(/Not checked: that|Whether it bears/)
    expect((await run(args)).out).toBe(out)
  })

  test('a learning rate of 10 is warned of, with the commands to check it and a usual one; no claim stands against the check', async () => {
    const args = ['--kind', 'mlp', '--depth', '8', ...small, '--learning-rate', '10']
    const { out } = await run(args)
    expect(out).toContain('Whether it bears a learning rate of 10 is not known from initialisation')
    expect(out).not.toContain('should train')
    const lines = out.trimEnd().split('\n')
    expect(settingsOfCommand(taken(lines.at(-3)!))).toMatchObject({ depth: 8, learningRate: 10 })
    expect(settingsOfCommand(taken(lines.at(-1)!))).toMatchObject({ depth: 8, learningRate: 1e-3 })
    const { out: checked } = await run([...args, '--check', '--steps', '30'])
    expect(checked).toMatch(/^as asked .* (diverged|plateaued): loss/m)
    expect(checked).toContain('lower the rate before you change it')
    expect(checked).not.toContain('Not checked: that it trains')
  })

  test('Ctrl-C ends before the next setting', async () => {
    const { out, err } = await run(['--depth', '40', ...small, '--wiring', '{"norm":"none"}'], (text) => {
      if (text.includes('measuring a final norm')) process.emit('SIGINT', 'SIGINT')
    })
    expect(out).toBe('')
    expect(err).toMatch(/residua: stopped\n$/)
    expect(err).not.toContain('pre-norm')
    expect(process.exitCode).toBe(130)
  })
})

describe('every kind', () => {
  const net = (flags: NetFlags): NetWanted => wantedOf(flags)

  test.each(kindNames)('%s: the command is one of residua train, and says every size', (kind) => {
    const wanted = net({ kind, depth: 12, width: 48, learningRate: 2e-3, warmup: 10, wiring: { placement: 'peri' } })
    const parts = trainArguments(wanted, 100)
    expect(taken(shellLine(['residua', ...parts]))).toEqual(parts)
    const settings = settingsOfCommand(parts)
    expect(settings).toMatchObject({ width: 48, learningRate: 2e-3, warmup: 10, steps: 100, schedule: 'constant' })
    expect(settings.clipNorm).toBeNull()
    expect(sameWiring(settings.wiring, { placement: 'peri' })).toBe(true)
    expect([settings.depth, settings.gpt?.layers]).toContain(kind === 'resnet' ? 26 : 12)
    expect(kinds[kind].stack(measuredNet(wanted)).blocks).toHaveLength(12)
  })

  test.each(kindNames)('%s: what is not said is what residua train has', (kind) => {
    const wanted = net({ kind })
    const settings = settingsOfCommand(trainArguments(wanted, 100))
    expect(sameWiring(settings.wiring, wanted.wiring)).toBe(true)
    expect(settings).toMatchObject({ batchSize: wanted.batchSize, width: wanted.width, data: wanted.data })
  })

  test.each(kindNames)(
    '%s: a warm-up that is proposed rises, in a quarter of any training that may be asked for',
    (kind) => {
      const proposed = (steps?: number): { warmup: number; steps: number | null } =>
        settingsOfCommand(settingArguments(net({ kind }), { wiring: {}, warmup: true }, steps))
      for (const steps of [fewestSteps, fewestSteps + 3, 100, undefined]) {
        const { warmup, steps: all } = proposed(steps)
        expect(warmup).toBeGreaterThan(1)
        expect(warmup).toBe(Math.floor(all! / 4))
      }
      const { warmup } = settingsOfCommand(settingArguments(net({ kind, warmup: 10 }), { wiring: {} }))
      expect(warmup).toBe(10)
    },
  )

  test('a decoder is measured with the blocks that the command trains', () => {
    const wanted = net({ kind: 'decoder', width: 48 })
    const { hidden, gpt } = settingsOfCommand(trainArguments(wanted, 10))
    expect(hidden).toBe(8 * 16)
    expect(gpt).toMatchObject({ feedForward: 'gated', positions: 'rotary', bias: false, heads: 3, context: 64 })
    const { gpt: encoder, hidden: wide } = settingsOfCommand(trainArguments(net({ kind: 'encoder', width: 48 }), 10))
    expect(encoder).toMatchObject({ feedForward: 'plain', positions: 'learned', bias: true })
    expect(wide).toBe(4 * 48)
  })

  test('wide and long nets are measured smaller, with heads of the same size', () => {
    const wanted = net({ kind: 'decoder', width: 768, heads: 12, length: 1024, depth: 2 })
    const measured = measuredNet(wanted)
    expect(measured).toMatchObject({ width: 256, heads: 4 })
    expect(kinds.decoder.stack(measured).input).toEqual([4, 128, 256])
    expect(() => measuredNet({ ...wanted, heads: 7 })).toThrow('heads must divide the width 768, got 7')
    expect(() => measuredNet({ ...wanted, width: 36 })).toThrow('heads of an even size, got 3')
  })
})

describe('on a terminal', () => {
  /** Types a line at every prompt, and ends the input where there is none left. */
  async function ask(flags: NetFlags, lines: readonly string[]): Promise<{ answers: NetFlags; said: string }> {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const left = [...lines]
    let said = ''
    output.on('data', (text) => {
      said += String(text)
      if (!said.endsWith(']: ')) return
      if (left.length > 0) input.write(`${left.shift()}\n`)
      else input.end()
    })
    return { answers: await askAll(questions(flags), input, output), said }
  }

  test('it asks for what is not given, with defaults that follow from the answers', async () => {
    const { answers, said } = await ask({ batchSize: 4 }, [
      'decoder',
      '48',
      '',
      '',
      '',
      '',
      '10',
      '{"placement":"post"}',
    ])
    expect(wantedOf({ ...answers, batchSize: 4 })).toMatchObject({
      ...{ kind: 'decoder', blocks: 48, width: 64, heads: 4, length: 64, batchSize: 4, learningRate: 1e-3 },
      ...{ warmupSteps: 10, wiring: { placement: 'post' }, data: 'moby-dick' },
    })
    expect(said).toContain('What is it (mlp, decoder, encoder, resnet)? [mlp]: ')
    expect(said).toContain('How is it wired, as JSON? [{"norm":"rms"}]: ')
    expect(said).not.toContain('batch')
  })

  test('an answer that cannot be read is asked for again', async () => {
    const { answers, said } = await ask({}, ['gpt', 'mlp', 'many', '3', '', '', '', '', ''])
    expect(answers).toMatchObject({ kind: 'mlp', depth: 3 })
    expect(said).toContain('Expected one of mlp, decoder, encoder, resnet.')
    expect(said).toContain('Expected a whole number from 1 to 1000.')
    expect(said).not.toContain('heads')
  })

  test('where the answers end too soon it says so', async () => {
    await expect(ask({}, ['mlp'])).rejects.toThrow('advise: the answers ended too soon; give flags instead')
  })
})

test.each<[readonly string[], string]>([
  [['--kind', 'gpt'], 'Allowed choices are mlp, decoder, encoder, resnet.'],
  [['--depth', '0'], 'Expected a whole number from 1 to 1000.'],
  [['--kind', 'mlp', '--length', '8'], 'advise: --length: mlp has none; leave it out, or choose another kind'],
  [['--kind', 'decoder', '--heads', '3'], 'heads must divide the width 64, got 3'],
  [['--wiring', '{"norm":"layr"}'], "did you mean 'layer'?"],
  [['--warmup', '50', '--steps', '50'], 'expected more than the 50 of the warm-up, got 50'],
  [['--steps', '7'], 'Expected a whole number >= 8.'],
  [['--lang', 'fr'], 'Allowed choices are en, zh.'],
])('refuses %j', async (args, message) => {
  await expect(run(args)).rejects.toThrow(message)
})
