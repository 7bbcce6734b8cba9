import { graph, type Graph } from '../graph/graph.ts'
import type { Parameter, Role } from '../graph/scope.ts'
import { simplify } from '../graph/simplify.ts'
import { input, type Value } from '../graph/value.ts'
import { mul } from '../ops/arithmetic.ts'
import { clipFactor } from '../optim/clip.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import type { KernelCalls } from '../runtime/engine.ts'
import { canFuse, compileKernel } from '../runtime/fused.ts'
import type { Shape } from '../tensor.ts'
import { type ProgramBuilder, scalarInput, slotName } from './program-builder.ts'

const undecayed: ReadonlySet<Role> = new Set(['gain', 'bias', 'residual'])

/** Weight decay applies to matrices and kernels, never to gains, biases, scalars and residual weights. */
const decays = ({ role, value }: Parameter): boolean => !undecayed.has(role) && value.shape.length > 1

const stepScalars = ({ scalarNames }: Optimizer): Record<string, Value> =>
  Object.fromEntries(scalarNames.map((name) => [name, input(scalarInput(name), 'float32', [])]))

/** Results that a clipping update computes on the way. */
const [normResult, factorResult] = ['gradientNorm', 'clipFactor']
const gradientOutput = (path: string): string => `gradient ${path}`

/** The update of one parameter of any shape as an elementwise graph, its results named after what they replace. */
function elementwiseUpdate(optimizer: Optimizer, decay: boolean): Graph {
  const leaf = (name: string): Value => input(name, 'float32', [4])
  const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, leaf(slot)]))
  const raw = leaf('gradient')
  const gradient = optimizer.clipNorm === undefined ? raw : mul(raw, input(factorResult, 'float32', []))
  const updated = optimizer.update({ parameter: leaf('parameter'), gradient, slots, decay }, stepScalars(optimizer))
  return simplify(graph({ parameter: updated.parameter, ...updated.slots }))
}

/** The kernel for the parameters that decay, or for those that do not, with its calls. */
function kernelCalls(optimizer: Optimizer, decay: boolean, parameters: readonly Parameter[]): KernelCalls {
  const kernel = compileKernel(elementwiseUpdate(optimizer, decay))
  const standsFor = (path: string, tensor: string): string => {
    if (tensor === 'parameter') return path
    return tensor === 'gradient' ? gradientOutput(path) : slotName(path, tensor)
  }
  const calls = parameters.map(({ path }) => kernel.tensors.map((tensor) => standsFor(path, tensor)))
  return { wasm: kernel.wasm, scalars: kernel.scalars, calls }
}

function fuse(
  program: ProgramBuilder,
  parameters: readonly Parameter[],
  gradients: readonly Value[],
  optimizer: Optimizer,
): void {
  const states: Record<string, Shape> = {}
  parameters.forEach(({ path, value }, i) => {
    program.scratch(gradientOutput(path), gradients[i]!)
    for (const name of [path, ...optimizer.slots.map((slot) => slotName(path, slot))]) states[name] = value.shape
  })
  const groups = [true, false].map((decay) => [decay, parameters.filter((one) => decays(one) === decay)] as const)
  const kernels = groups.flatMap(([decay, group]) => (group.length > 0 ? [kernelCalls(optimizer, decay, group)] : []))
  program.fuse(kernels, states)
}

/** The update as nodes of the graph. */
function inline(
  program: ProgramBuilder,
  parameters: readonly Parameter[],
  gradients: readonly Value[],
  optimizer: Optimizer,
  factor: Value | null,
): void {
  const scalars = stepScalars(optimizer)
  parameters.forEach((parameter, i) => {
    const { path, value, constraint } = parameter
    const slots = Object.fromEntries(
      optimizer.slots.map((slot) => [slot, input(slotName(path, slot), 'float32', value.shape)]),
    )
    const gradient = factor ? mul(gradients[i]!, factor) : gradients[i]!
    const updated = optimizer.update({ parameter: value, gradient, slots, decay: decays(parameter) }, scalars)
    program.carry(path, constraint?.(updated.parameter) ?? updated.parameter)
    for (const [slot, slotValue] of Object.entries(updated.slots)) program.carry(slotName(path, slot), slotValue)
  })
}

/**
 * The optimizer's update of every parameter: as nodes of the graph, or as a fused host kernel of the same definition.
 * Returns the scalar inputs that it needs; with clipping, the global gradient norm becomes a result.
 */
export function update(
  program: ProgramBuilder,
  parameters: readonly Parameter[],
  gradients: readonly Value[],
  { optimizer, fusedUpdate = true }: { readonly optimizer: Optimizer; readonly fusedUpdate?: boolean },
): string[] {
  const clipped = optimizer.clipNorm === undefined ? null : clipFactor(gradients, optimizer.clipNorm)
  if (clipped) {
    program.result(normResult, clipped.norm)
    program.guard(normResult)
  }
  const elementwise = parameters.every(({ constraint }) => constraint === undefined)
  if (fusedUpdate && elementwise && [true, false].every((decay) => canFuse(elementwiseUpdate(optimizer, decay)))) {
    if (clipped) program.result(factorResult, clipped.factor)
    fuse(program, parameters, gradients, optimizer)
  } else inline(program, parameters, gradients, optimizer, clipped?.factor ?? null)
  return optimizer.scalarNames.map(scalarInput)
}
