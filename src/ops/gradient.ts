import { GraphError } from '../errors.ts'
import { bind, type Op } from '../graph/op.ts'
import type { Value } from '../graph/value.ts'

const stopGradientOp: Op<[x: Value]> = {
  name: 'stopGradient',
  view: true,
  type: ([x]) => [x],
  vjp: () => [null],
  constant: true,
  onnx: (_, [x]) => [x],
  evaluate: ([x]) => [x.data],
}

/** `x`, through which no gradient flows. */
export const stopGradient = (x: Value): Value => bind(stopGradientOp, [x], {})[0]

/** Gradients of the inputs from those of the outputs (null where an output was not used). */
export type Backward = (gradients: readonly (Value | null)[]) => readonly (Value | null)[]

const customGradientOp: Op<readonly Value[], { outputs: number; backward: Backward }, readonly Value[]> = {
  name: 'customGradient',
  view: true,
  type: (types, { outputs }) => types.slice(0, outputs),
  vjp: (gradients, inputs, { outputs, backward }) => {
    const given = backward(gradients)
    if (given.length !== inputs.length - outputs) {
      throw new GraphError(`customGradient: ${inputs.length - outputs} inputs, got ${given.length} gradients`)
    }
    return [...Array.from({ length: outputs }, () => null), ...given]
  },
  onnx: (_, inputs, { outputs }) => inputs.slice(0, outputs),
  evaluate: (inputs, { outputs }) => inputs.slice(0, outputs).map((value) => value.data),
  unique: true,
}

/** `outputs` as they are, but differentiated with respect to `inputs` by `backward` instead of by their own history. */
export const customGradient = (
  outputs: readonly Value[],
  inputs: readonly Value[],
  backward: Backward,
): readonly Value[] => bind(customGradientOp, [...outputs, ...inputs], { outputs: outputs.length, backward })
