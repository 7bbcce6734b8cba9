import type { WeightSource } from '../../files/safetensors-stream.ts'
import type { ModelSpec } from '../../models/spec.ts'
import { familyOfNet } from './families/table.ts'
import { parameterShapes } from './read-model.ts'
import { pack, storedTensors } from './weight-table.ts'

/**
 * The tensors of a net under the names of its family, each made of what `read` gives for the paths of its parameters when
 * its turn comes. Throws OptionError for a net of no family.
 */
export function hubWeights(spec: ModelSpec, read: (path: string) => Float32Array): WeightSource[] {
  const { layers } = spec.options as { readonly layers: number }
  const stored = storedTensors(familyOfNet(spec).weights(spec), layers, parameterShapes(spec))
  return stored.map((one) => ({
    name: one.name,
    shape: one.shape,
    read: () =>
      pack(
        one,
        one.parts.map(({ path }) => read(path)),
      ),
  }))
}
