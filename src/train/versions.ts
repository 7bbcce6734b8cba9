import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EngineError } from '../errors.ts'

const require = createRequire(import.meta.url)

const versionIn = (path: string | URL): string =>
  (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version

/** The version of this package. */
export const ownVersion = (): string => versionIn(new URL('../../package.json', import.meta.url))

/** Where ONNX Runtime is, which users install beside this package. Throws EngineError that says how. */
function engineManifest(): string {
  try {
    return require.resolve('onnxruntime-node/package.json')
  } catch {
    throw new EngineError(
      'engine: expected the package onnxruntime-node to be installed; run npm install onnxruntime-node@1.30.0',
    )
  }
}

/** Versions of what a run depends on. */
export function versions(): Record<string, string> {
  return {
    residua: ownVersion(),
    'onnxruntime-node': versionIn(engineManifest()),
    node: process.versions.node,
  }
}
