import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Peer
 * @property {string} command
 * @property {string} file  the program, in this folder
 * @property {string} [setting]  handed to the program
 * @property {Record<string, string>} [env]
 * @property {string[]} cases  what it can run
 */

const file = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url))
const dense = ['mlp', 'residual-mlp']
const networks = [...dense, 'resnet20']
const residua = { command: process.execPath, file: file('residua.mjs'), cases: [...networks, 'gpt'] }
const torch = { command: '/usr/bin/python3', file: file('torch-eager.py'), cases: [...networks, 'gpt'] }
const yardstick = { command: process.execPath, file: file('gpt-yardstick.mjs'), cases: ['gpt'] }

/**
 * OpenBLAS 0.3.21 does not know processors newer than itself and takes its slowest kernels (Prescott, a fifth of the
 * speed on an Emerald Rapids Xeon); this names the kernels by what the processor can do.
 *
 * @returns {Record<string, string>}
 */
function openblasCore() {
  if (!existsSync('/proc/cpuinfo')) return {}
  const flags =
    readFileSync('/proc/cpuinfo', 'utf8')
      .match(/^flags\s*:(.*)$/m)?.[1]
      .split(' ') ?? []
  const has = (/** @type {string[]} */ ...names) => names.every((name) => flags.includes(name))
  if (has('avx512f', 'avx512cd', 'avx512dq', 'avx512bw', 'avx512vl')) return { OPENBLAS_CORETYPE: 'SkylakeX' }
  if (has('avx2', 'fma')) return { OPENBLAS_CORETYPE: 'Haswell' }
  return {}
}

/** Memory that glibc keeps instead of returning it to the kernel: no page faults in every step. */
const keepMemory = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '4294967295', MALLOC_TOP_PAD_: '268435456' }

const passive = { OMP_WAIT_POLICY: 'passive' }
const best = { ...passive, ...openblasCore(), ...keepMemory }
const settingOf = (/** @type {Record<string, string>} */ env) =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** Everything that can be timed, by name. @type {Record<string, Peer>} */
export const peers = {
  residua,
  'residua-plain': { ...residua, setting: 'plain' },
  'torch-best': { ...torch, setting: settingOf(best), env: best },
  'torch-passive': { ...torch, setting: settingOf(passive), env: passive },
  torch: { ...torch, setting: 'default' },
  ...(process.env.TORCH_PYTHON && {
    'torch-new': { ...torch, command: process.env.TORCH_PYTHON, setting: 'default' },
  }),
  'tfjs-wasm': { command: process.execPath, file: file('tfjs-wasm.mjs'), cases: networks },
  'jax-js': { command: process.execPath, file: file('jax-js.mjs'), cases: [...dense, 'gpt'] }, // its gradients of one convolution take 8 s
  'gpt-yardstick': yardstick,
  'gpt-yardstick-adam': { ...yardstick, setting: 'adam' },
}
