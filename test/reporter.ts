import type { Reporter, TestModule } from 'vitest/node'

/** Closes a run with one plain line that any tool can read: `N passed, N failed`, and the skipped where there are any. */
export default class PlainCount implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => Array.from(module.children.allTests(), (test) => test.result().state))
    const count = (state: string): number => states.filter((other) => other === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length
    const skipped = count('skipped')
    const counted = `${count('passed')} passed, ${count('failed') + broken} failed`
    process.stdout.write(`\n${counted}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}
