import { OptionError } from '../../errors.ts'
import { type Layer, newTrace, Scope } from '../../graph/scope.ts'
import { input, type Value } from '../../graph/value.ts'
import { toOnnx } from '../../onnx/model.ts'
import { gather } from '../../ops/gather.ts'
import { reshape } from '../../ops/reshape.ts'
import type { TensorType } from '../../tensor.ts'
import { typeText } from '../../tensor.ts'
import { type Built, ProgramBuilder } from '../program-builder.ts'

/** What a decoding program is made for. */
export interface DecodeSize {
  /** Sequences. */
  readonly batch: number
  /** New tokens of each. */
  readonly time: number
  /** Places of the caches. */
  readonly capacity: number
  /** Longest sequence that the net takes. */
  readonly context: number
  /** Tokens that stand before the new ones in every input: the source of an encoder. */
  readonly source: number
  /** Whether what is remembered is computed now. */
  readonly first: boolean
  /** Whether the caches of a sequence become those of its parent before the pass: beam search. */
  readonly reorder: boolean
  /** Whether the weights may be constants of the program. */
  readonly constant: boolean
}

/** A decoding program, and the states it works on. */
export interface DecodeProgram extends Built {
  readonly states: Readonly<Record<string, TensorType>>
}

const stateOf = (path: string): string => `${path}#cache`

/**
 * The program that appends `time` tokens to each sequence and gives the logits `[batch, vocabulary]` of one of them each.
 *
 * Feeds: `inputs` int32 `[batch, source + time]`, `positions` int32 `[batch, time]`, `keep` bool
 * `[batch, capacity + time]`, `rows` int32 `[batch]` (of the `batch * time` new tokens, the one whose logits are wanted),
 * `at` (the first free place), with `reorder` also `parents` int32 `[batch]`. Throws OptionError for a net that gives no
 * logits per token, GraphError for one that cannot decode token by token.
 */
export function decodeProgram(net: Layer, size: DecodeSize): DecodeProgram {
  const { batch, time, capacity, context, source, first, reorder, constant } = size
  const ints = (name: string, ...shape: number[]): Value => input(name, 'int32', shape)
  const [ids, positions, rows] = [
    ints('inputs', batch, source + time),
    ints('positions', batch, time),
    ints('rows', batch),
  ]
  const parents = reorder ? ints('parents', batch) : null
  const program = new ProgramBuilder()
  const states: Record<string, TensorType> = {}
  const join = (past: Value, added: Value): readonly Value[] => {
    if (parents === null) return [past, added]
    const moved = gather(past, parents)
    program.carry(past.node.name, moved)
    return [moved, added]
  }
  const keep = input('keep', 'bool', [batch, capacity + time])
  const record = newTrace('decode', false, {
    positions,
    keep,
    rows,
    past: capacity,
    context,
    first,
    leaf: stateOf,
    join,
  })
  const output = net(new Scope(record), ids)
  const [, given = 0, vocabulary = 0] = output.shape
  if (output.shape.length !== 3 || output.shape[0] !== batch || (given !== 1 && given !== time)) {
    throw new OptionError(`generate: expected logits [batch, time, vocabulary], the net gives ${typeText(output)}`)
  }
  const logits = reshape(output, [batch * given, vocabulary])
  program.result('logits', given === 1 ? logits : gather(logits, rows))
  for (const { path, past, added } of record.caches.values()) {
    states[stateOf(path)] = past.type
    program.append(stateOf(path), added)
  }
  for (const { path, value } of record.remembered.values()) {
    states[path] = value.type
    if (first) program.carry(path, value)
  }
  const fed = ['inputs', 'positions', 'keep', 'rows', 'at', 'parents']
  const built = program.build(new Set(fed), [])
  if (!constant) return { ...built, states }
  const weights = built.spec.reads.filter((name) => !Object.hasOwn(states, name))
  const model = toOnnx(built.graph, { target: 'cpu', stop: 'stop', external: new Set(weights) })
  return { ...built, spec: { ...built.spec, constant: { model, states: weights } }, states }
}
