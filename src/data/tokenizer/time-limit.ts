import { createContext, Script } from 'node:vm'

const sandbox: { run: () => unknown } = { run: () => undefined }
const realm = createContext(sandbox)
const script = new Script('run()')

/**
 * The result of `run`, which is stopped, with an error of code ERR_SCRIPT_EXECUTION_TIMEOUT, after that many
 * milliseconds, even within a regular expression. Costs about 0.1 ms a call.
 */
export function withinTime<T>(milliseconds: number, run: () => T): T {
  sandbox.run = run
  return script.runInContext(realm, { timeout: milliseconds }) as T
}
