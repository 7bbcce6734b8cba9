import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const built = resolve(import.meta.dirname, '../dist/examples')

/** Runs a built example in a folder of its own and returns what it printed. */
async function run(name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'residua-example-'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(built, `${name}.js`)], { cwd: folder })
    return stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the article example learns MNIST to 97.5%', { timeout: 600_000 }, async () => {
  const accuracy = Number(/^Test accuracy: (0\.\d+)$/m.exec(await run('01-article'))?.[1])
  expect(accuracy).toBeGreaterThanOrEqual(0.975)
})

test('the gradient example prints a graph and two derivatives', async () => {
  const printed = await run('02-gradient')
  expect(printed).toContain('graph(x: float32[3])')
  expect(printed).toMatch(/ddx Float64Array\(3\) \[ 0\.2002\d+, 2, -0\.1311\d+ \]/)
})

test('the example with a layer of its own learns the spiral', async () => {
  const accuracy = Number(/^Accuracy on the spiral: ([\d.]+)$/m.exec(await run('03-own-layer'))?.[1])
  expect(accuracy).toBeGreaterThan(0.99)
})

test('the example with a novel, cut to 300 steps, learns to write', { timeout: 300_000 }, async () => {
  const whole = readFileSync(join(built, '04-novel.js'), 'utf8')
  expect(whole.match(/steps: 2000/g)).toHaveLength(2)
  writeFileSync(join(built, '04-novel-300.js'), whole.replaceAll('steps: 2000', 'steps: 300'))
  const printed = await run('04-novel-300')
  rmSync(join(built, '04-novel-300.js'))
  const losses = Array.from(printed.matchAll(/^\d+ (\d\.\d+)$/gm), ([, loss]) => Number(loss))
  expect(losses).toHaveLength(300)
  expect(losses.slice(-50).reduce((a, b) => a + b, 0) / 50).toBeLessThan(2.5)
  const [written = ''] = printed.split(/^300 .*\n/m).slice(1)
  expect(Array.from(written)).toHaveLength(200)
  expect(written).toMatch(/\b(the|and|of|to|a|in)\b/)
})

test('the README shows the first example as it is', () => {
  const text = (path: string): string => readFileSync(resolve(import.meta.dirname, '..', path), 'utf8')
  const [, ...program] = text('examples/01-article.ts').trimEnd().split('\n')
  expect(text('README.md')).toContain(program.map((line) => (line === '' ? '' : `    ${line}`)).join('\n'))
})
