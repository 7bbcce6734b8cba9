import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

const versionIn = (path: string | URL): string =>
  (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version

/** Versions of what a run depends on. */
export function versions(): Record<string, string> {
  return {
    residua: versionIn(new URL('../../package.json', import.meta.url)),
    'onnxruntime-node': versionIn(require.resolve('onnxruntime-node/package.json')),
    node: process.versions.node,
  }
}
