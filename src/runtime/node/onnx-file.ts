import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { DType, HostTensor, TensorData } from '../../tensor.ts'
import type { Tensors } from '../engine.ts'

/** A model in a session of its own, opened as anybody else would open it. */
export interface OnnxFile {
  /** Sizes of the inputs by name; open axes have names. */
  readonly inputs: ReadonlyMap<string, readonly (number | string)[]>
  /** Gives the outputs by name; what is fed as int32 goes into inputs of int64 too. */
  readonly run: (feeds: Tensors) => Promise<Record<string, HostTensor>>
  readonly close: () => Promise<void>
}

/** Opens a serialized model on the CPU, in this thread. */
export async function openOnnx(model: Uint8Array): Promise<OnnxFile> {
  const session = await InferenceSession.create(model, { executionProviders: ['cpu'], logSeverityLevel: 3 })
  const types = new Map(session.inputMetadata.flatMap((one) => (one.isTensor ? [[one.name, one] as const] : [])))
  const toOrt = (name: string, { dtype, shape, data }: HostTensor): Tensor =>
    types.get(name)?.type === 'int64'
      ? new Tensor('int64', BigInt64Array.from(data, BigInt), shape)
      : new Tensor(dtype, data as Float32Array, shape)
  return {
    inputs: new Map([...types].map(([name, { shape }]) => [name, shape])),
    run: async (feeds) => {
      const inputs = Object.entries(feeds).map(([name, feed]) => [name, toOrt(name, feed)] as const)
      const outputs = await session.run(Object.fromEntries(inputs))
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { type, dims, data }]) => [
          name,
          { dtype: type as DType, shape: dims, data: data as TensorData },
        ]),
      )
    },
    close: () => session.release(),
  }
}
