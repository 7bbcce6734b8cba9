// Runs models on ONNX Runtime's WebGPU provider: its own process, because a driver may end it. Plain JavaScript, because
// Node 20 runs no TypeScript.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** The nodes that ran, by the profile of the session: name, operator, provider. */
function placements(folder) {
  const [file] = readdirSync(folder)
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return events
    .filter(({ cat, args }) => cat === 'Node' && args.provider !== undefined)
    .map(({ name, args }) => ({ name: name.replace(/_kernel_time$/, ''), op: args.op_name, provider: args.provider }))
}

async function run({ model, feeds }) {
  const folder = mkdtempSync(join(tmpdir(), 'residua-webgpu-'))
  try {
    const session = await InferenceSession.create(model, {
      executionProviders: ['webgpu'],
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    })
    const tensors = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
      name,
      new Tensor(dtype, data, shape),
    ])
    const results = await session.run(Object.fromEntries(tensors))
    session.endProfiling()
    await session.release()
    const outputs = Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { dtype: type, shape: [...dims], data },
    ])
    return { outputs: Object.fromEntries(outputs), nodes: placements(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.on('message', async (job) => {
  try {
    process.send(await run(job))
  } catch (error) {
    process.send({ error: error.message })
  }
})
