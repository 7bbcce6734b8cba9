import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { HostTensor } from '../src/tensor.ts'

/** SwiftShader, the software driver that comes with a Chromium; ONNX Runtime refuses Debian's own (lavapipe of Mesa 22). */
const softwareDrivers = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
]

/** The manifest of a Vulkan driver: what `VK_DRIVER_FILES` names, else a software driver, else undefined. */
export function vulkanDriver(): string | undefined {
  return process.env.VK_DRIVER_FILES ?? softwareDrivers.find((manifest) => existsSync(manifest))
}

/** A node that ran, and the execution provider that ran it. */
export interface Placement {
  readonly name: string
  readonly op: string
  readonly provider: string
}

export interface WebGpuRun {
  readonly outputs: Readonly<Record<string, HostTensor>>
  readonly nodes: readonly Placement[]
}

export interface WebGpu {
  /** Runs a model once; one run at a time. Rejects with ONNX Runtime's message, or when the process ends. */
  run(model: Uint8Array, feeds: Readonly<Record<string, HostTensor>>): Promise<WebGpuRun>
  stop(): void
}

/** Starts a process that runs models on the WebGPU provider, over the Vulkan driver of this manifest. */
export function startWebGpu(driver: string): WebGpu {
  const child = fork(fileURLToPath(new URL('webgpu-process.mjs', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver, XDG_RUNTIME_DIR: tmpdir() },
  })
  let log = ''
  child.stderr?.on('data', (text: Buffer) => (log += text.toString()))
  return {
    run: (model, feeds) =>
      new Promise((resolve, reject) => {
        const settle = (reply: WebGpuRun | { readonly error: string }): void => {
          child.off('exit', ended)
          if ('error' in reply) reject(new Error(reply.error))
          else resolve(reply)
        }
        const ended = (code: number | null, signal: string | null): void => {
          child.off('message', settle)
          reject(new Error(`the WebGPU process ended (${signal ?? code})\n${log}`))
        }
        child.once('message', settle).once('exit', ended)
        child.send({ model, feeds }, (error) => error && reject(error))
      }),
    stop: () => void child.kill(),
  }
}
