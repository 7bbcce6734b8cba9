import { data, type HostTensor, tensor } from 'residua'

/** Digits of MNIST in order: pixels `[count, 784]` from 0 to 1, labels `[count]`. */
export async function digits(
  part: 'train' | 'test',
  from: number,
  count: number,
): Promise<{ readonly pixels: HostTensor; readonly labels: HostTensor }> {
  const { inputs, targets } = (await data.mnist())[part]
  const rows = Uint32Array.from({ length: count }, (_, i) => from + i)
  const [pixels, labels] = [new Float32Array(count * 784), new Int32Array(count)]
  inputs.gather(rows, pixels)
  targets.gather(rows, labels)
  return { pixels: tensor(pixels, [count, 784]), labels: tensor(labels) }
}
