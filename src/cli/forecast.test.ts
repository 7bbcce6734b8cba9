import { afterEach, expect, test, vi } from 'vitest'
import { forecastCommand } from './forecast.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

/** Runs the command on small stacks; `see` is called with every piece of standard output. */
async function run(args: readonly string[], see: (text: string) => void = () => undefined): Promise<string> {
  let out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    see(String(text))
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await forecastCommand()
    .exitOverride()
    .parseAsync(['--width', '32', '--seeds', '2', ...args], { from: 'user' })
  vi.restoreAllMocks()
  return out
}

test('forecast beside measured by sublayer, growth laws named, nothing against a default wiring', async () => {
  const out = await run(['--depth', '12'])
  expect(out).toMatch(/^12 blocks, 12 sublayers\n/)
  const rows = out.split('\n').filter((line) => /^\d+ {2}/.test(line))
  expect(rows.map((row) => Number(row.split(/ +/)[0]))).toEqual([0, 1, 2, 4, 8, 12])
  for (const row of rows) {
    const [, forecast, measured] = row.split(/ +/).map(Number) as [number, number, number]
    expect(Math.abs(Math.log(measured / forecast))).toBeLessThan(0.3)
  }
  expect(out).toMatch(/v_l grows, forecast: linear, (0\.9|1\.0)\d+ \+ (0\.9|1\.0)\d+ l\.\n/)
  expect(out).toMatch(/v_l grows, measured: linear, /)
  expect(out).toContain('Nothing at initialisation speaks against it.')
})

test('a wiring without norms grows exponentially and is objected to', async () => {
  const out = await run(['--depth', '32', '--wiring', '{"norm":"none"}'])
  expect(out).toMatch(/v_l grows, forecast: exponential, (0\.9|1\.0)\d+ · 2\.0\d\^l\.\n/)
  expect(out).toMatch(/Against it at initialisation: .*grows x/)
  const chinese = await run(['--depth', '32', '--wiring', '{"norm":"none"}', '--lang', 'zh'])
  expect(chinese).toMatch(/v_l 的增长（实测）：指数，.*\n.*\n初始化时的不利因素：梯度在回传途中增至 x/)
})

test('--no-scan, several depths, JSON: one object a line, the growth law, no objections claimed', async () => {
  const out = await run(['--depth', '6,12', '--no-scan', '--json'])
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ depth }) => depth)).toEqual([6, 12])
  expect(lines[0]).toMatchObject({
    shape: { kind: 'mlp', width: 32 },
    measured: null,
    objections: null,
    forecast: { growth: { name: 'linear' } },
  })
})

test('where there is no closed form the reason is said, and the scan stands alone, in Chinese too', async () => {
  const out = await run(['--depth', '6', '--wiring', '{"skip":"gru"}', '--lang', 'zh'])
  expect(out).toMatch(/^6 个块，6 个子层\n没有预测：skip 'gru' 的二阶矩没有封闭形式。/)
  expect(out).toMatch(/^l +v_l 实测 +\|dL\/dx_l\| 实测$/m)
  const alone = await run(['--depth', '6', '--wiring', '{"skip":"gru"}', '--no-scan'])
  expect(alone).toMatch(/^6 blocks\nNo forecast: .*\n.*leave out --no-scan/)
})

test('Ctrl-C ends after the depth at hand', async () => {
  const out = await run(['--depth', '2,4,6', '--no-scan'], (text) => {
    if (text.startsWith('4 blocks')) process.emit('SIGINT', 'SIGINT')
  })
  expect(out).toContain('4 blocks')
  expect(out).not.toContain('6 blocks')
  expect(process.exitCode).toBe(130)
})
