import { vjp } from '../autodiff/grad.ts'
import { vjpRecomputing } from '../autodiff/recompute.ts'
import { GraphError, OptionError } from '../errors.ts'
import { type Layer, type Mode, type Parameter, type State, trace, type Traced, trainedOf } from '../graph/scope.ts'
import { input, type Value } from '../graph/value.ts'
import type { Loss } from '../nn/loss.ts'
import { choose } from '../nn/options.ts'
import { add, mul } from '../ops/arithmetic.ts'
import { sum } from '../ops/broadcast.ts'
import { equal, where } from '../ops/compare.ts'
import { scalar } from '../ops/constant.ts'
import { mean } from '../ops/reduce.ts'
import { reshape } from '../ops/reshape.ts'
import { concat } from '../ops/slice.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { type Shape, sizeOf, type TensorType } from '../tensor.ts'
import type { Metric } from './metrics.ts'
import { type Built, gradientSum, ProgramBuilder } from './program-builder.ts'
import { update } from './parameter-update.ts'
import { measurements } from './probes/measurements.ts'
import type { Step } from './probes/probe.ts'
import type { Probes } from './probes/table.ts'

/** One example's side of a batch: dtype and shape without the batch axis. */
export type Example = TensorType

/** Everything that decides what the programs of a model compute. */
export interface Recipe {
  readonly net: Layer
  readonly inputs: Example
  readonly targets: Example
  readonly loss: Loss
  readonly optimizer: Optimizer
  readonly metrics: Readonly<Record<string, Metric>>
  /** Whether the update runs as a fused host kernel where its ops allow it, instead of as nodes of the graph. Default true. */
  readonly fusedUpdate?: boolean
  /** What probed steps measure. Default: root mean square and gradient norm of every tap. */
  readonly probes?: Probes
  /** 'blocks': training keeps what runs between wired blocks, and computes what is inside them once more. */
  readonly recompute?: 'blocks'
}

/**
 * What a program does. `train` is forward, backward and update in one graph; `gradients` and `update` are its halves,
 * for accumulation; `probe` is `train` with the probes; `diagnose` says what is not finite.
 */
export type Kind = 'train' | 'probe' | 'gradients' | 'update' | 'evaluate' | 'predict' | 'diagnose'

const batched = (batch: number, { shape }: Example): Shape => [batch, ...shape]

/** A traced net with what is measured of it. */
export interface Forward extends Traced {
  readonly loss: Value
  readonly targets: Value
  readonly metrics: ReadonlyMap<string, Value>
}

function scalarOnly(name: string, value: Value): Value {
  if (value.shape.length === 0) return value
  throw new GraphError(`${name}: expected a scalar, got [${value.shape.join(', ')}]; average over the batch`)
}

function perExample(name: string, value: Value, batch: number): Value {
  if (value.shape.length === 0 || value.shape[0] === batch) return value
  throw new GraphError(`metric ${name}: expected a scalar or [${batch}, ...], got [${value.shape.join(', ')}]`)
}

function needBlocks(recompute: string, { blocks }: Traced): void {
  if (choose('compile: recompute', { blocks }, recompute).length > 0) return
  throw new OptionError(
    "compile: recompute: 'blocks' expected a net with blocks wired by nn.wire, got one without (those of a reversible skip do not count: they are recomputed anyway). Wire it, or leave the option out",
  )
}

/**
 * Traces the net, its loss and its metrics. Throws ShapeError or GraphError where they do not fit, OptionError where
 * blocks are to be recomputed and there are none.
 */
export function forward(recipe: Recipe, batch: number, mode: Mode): Forward {
  const { net, inputs, targets, loss, metrics, recompute } = recipe
  const traced = trace(net, inputs.dtype, batched(batch, inputs), mode)
  if (recompute !== undefined) needBlocks(recompute, traced)
  const wanted = input('targets', targets.dtype, batched(batch, targets))
  const measured = Object.entries(metrics).map(
    ([name, metric]) => [name, perExample(name, metric(traced.output, wanted), batch)] as const,
  )
  const value = scalarOnly('loss', loss(traced.output, wanted))
  return { ...traced, loss: value, targets: wanted, metrics: new Map(measured) }
}

const batchFeeds = ['inputs', 'targets'] as const

function measure(program: ProgramBuilder, { loss, metrics }: Forward): void {
  program.result('loss', loss)
  for (const [name, value] of metrics) program.result(`metric ${name}`, value.shape.length === 0 ? value : mean(value))
}

function carryStates(program: ProgramBuilder, states: Iterable<State>): void {
  for (const { path, next: value } of states) if (value !== null) program.carry(path, value)
}

const leafOf = (parameter: Parameter): Value => parameter.value

function gradientsOf({ recompute }: Recipe, { loss, blocks }: Forward, leaves: readonly Value[]): Value[] {
  return recompute ? vjpRecomputing([loss], [scalar(1)], leaves, blocks) : vjp([loss], [scalar(1)], leaves)
}

/** A program that can say what it carries over. */
class TrainBuilder extends ProgramBuilder {
  readonly carried = new Map<string, Value>()

  override carry(state: string, value: Value): void {
    this.carried.set(state, value)
    super.carry(state, value)
  }
}

/** What a program replaces its parameters by; where kernels do that, the same rule once more as nodes. */
function updatedBy(
  program: TrainBuilder,
  gradients: ReadonlyMap<Value, Value>,
  parameters: readonly Parameter[],
  recipe: Recipe,
): ReadonlyMap<string, Value> {
  if (parameters.every(({ path }) => program.carried.has(path))) return program.carried
  const nodes = new TrainBuilder()
  update(
    nodes,
    parameters,
    parameters.map(({ value }) => gradients.get(value)!),
    { ...recipe, fusedUpdate: false },
  )
  return nodes.carried
}

function buildTrain(recipe: Recipe, batch: number, probing: boolean): Built {
  const traced = forward(recipe, batch, 'train')
  const parameters = trainedOf(traced)
  const leaves = [...parameters.map(leafOf), ...(probing ? traced.taps.values() : [])]
  const gradients = gradientsOf(recipe, traced, leaves)
  const program = new TrainBuilder()
  measure(program, traced)
  carryStates(program, traced.states.values())
  const scalars = update(program, parameters, gradients.slice(0, parameters.length), recipe)
  program.guard('loss')
  if (probing) {
    const byLeaf = new Map(leaves.map((leaf, i) => [leaf, gradients[i]!]))
    const updated = updatedBy(program, byLeaf, parameters, recipe)
    const step: Step = { gradient: (of) => byLeaf.get(of)!, updated: ({ path }) => updated.get(path)! }
    const measured = measurements(traced, recipe.probes).map(({ value }) => reshape(value(step), [1]))
    if (measured.length > 0) program.result('probes', concat(measured, 0)) // one output: each costs as much as its probe
  }
  return program.build(new Set([...batchFeeds, ...scalars]), [...traced.noises.values()])
}

/** Adds `share` of this batch's gradients to the sums, which start anew where `keep` is 0. */
function buildGradients(recipe: Recipe, batch: number): Built {
  const traced = forward(recipe, batch, 'train')
  const parameters = trainedOf(traced)
  const gradients = gradientsOf(recipe, traced, parameters.map(leafOf))
  const [share, keep] = [input('share', 'float32', []), input('keep', 'float32', [])]
  const program = new ProgramBuilder()
  measure(program, traced)
  carryStates(program, traced.states.values())
  parameters.forEach(({ path, value }, i) => {
    const total = input(gradientSum(path), 'float32', value.shape)
    const before = where(equal(keep, 0), 0, total) // not total * keep: a sum that was not finite must not stay
    program.carry(gradientSum(path), add(before, mul(gradients[i]!, share)))
  })
  return program.build(new Set([...batchFeeds, 'share', 'keep']), [...traced.noises.values()])
}

function buildUpdate(recipe: Recipe, batch: number): Built {
  const parameters = trainedOf(forward(recipe, batch, 'train'))
  const gradients = parameters.map(({ path, value }) => input(gradientSum(path), 'float32', value.shape))
  const program = new ProgramBuilder()
  const scalars = update(program, parameters, gradients, recipe)
  return program.build(new Set(scalars), [])
}

/** Totals over a batch: those of counts are exact where a mean would be rounded. `weight` is what the loss counts for. */
function buildEvaluate(recipe: Recipe, batch: number): Built {
  const program = new ProgramBuilder()
  const { loss, metrics, targets } = forward(recipe, batch, 'evaluate')
  const weight = recipe.loss.weight?.(targets) ?? scalar(batch)
  program.result('loss', mul(loss, weight))
  program.result('loss weight', weight)
  for (const [name, value] of metrics) program.result(`metric ${name}`, mul(sum(value), batch / sizeOf(value.shape)))
  return program.build(new Set(batchFeeds), [])
}

function buildPredict({ net, inputs }: Recipe, batch: number): Built {
  const program = new ProgramBuilder()
  program.result('output', trace(net, inputs.dtype, batched(batch, inputs), 'evaluate').output)
  return program.build(new Set(['inputs']), [])
}

/** One number per parameter, tap and gradient: not finite exactly where the tensor has an element that is not. */
function buildDiagnose(recipe: Recipe, batch: number): Built {
  const traced = forward(recipe, batch, 'train')
  const parameters = trainedOf(traced)
  const gradients = gradientsOf(recipe, traced, parameters.map(leafOf))
  const program = new ProgramBuilder()
  const watch = (name: string, value: Value): void => program.result(name, sum(mul(value, 0)))
  for (const { path, value } of traced.parameters.values()) watch(`value of ${path}`, value)
  for (const [path, value] of traced.taps) watch(`activation ${path}`, value)
  watch('output', traced.output)
  watch('loss', traced.loss)
  parameters.forEach(({ path }, i) => watch(`gradient of ${path}`, gradients[i]!))
  return program.build(new Set(batchFeeds), [...traced.noises.values()])
}

/** Builds the program of one kind for one batch size. */
export function build(recipe: Recipe, kind: Kind, batch: number): Built {
  switch (kind) {
    case 'train':
      return buildTrain(recipe, batch, false)
    case 'probe':
      return buildTrain(recipe, batch, true)
    case 'gradients':
      return buildGradients(recipe, batch)
    case 'update':
      return buildUpdate(recipe, batch)
    case 'evaluate':
      return buildEvaluate(recipe, batch)
    case 'predict':
      return buildPredict(recipe, batch)
    case 'diagnose':
      return buildDiagnose(recipe, batch)
  }
}
