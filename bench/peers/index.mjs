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
const networks = ['mlp', 'residual-mlp']
const torch = { command: '/usr/bin/python3', file: file('torch-eager.py'), cases: [...networks, 'gpt'] }
const yardstick = { command: process.execPath, file: file('gpt-yardstick.mjs'), cases: ['gpt'] }

/** Everything that can be timed, by name. @type {Record<string, Peer>} */
export const peers = {
  'torch-passive': { ...torch, setting: 'OMP_WAIT_POLICY=passive', env: { OMP_WAIT_POLICY: 'passive' } },
  torch: { ...torch, setting: 'default' },
  ...(process.env.TORCH_PYTHON && {
    'torch-new': { ...torch, command: process.env.TORCH_PYTHON, setting: 'default' },
  }),
  'tfjs-wasm': { command: process.execPath, file: file('tfjs-wasm.mjs'), cases: networks },
  'jax-js': { command: process.execPath, file: file('jax-js.mjs'), cases: networks },
  'gpt-yardstick': yardstick,
  'gpt-yardstick-adam': { ...yardstick, setting: 'adam' },
}
