import { afterAll, describe, expect, test } from 'vitest'
import { graph } from '../../graph/graph.ts'
import { type Layer, trace } from '../../graph/scope.ts'
import { gpt, type GptOptions } from '../../models/gpt.ts'
import { transformer } from '../../models/transformer.ts'
import { attention } from '../../nn/attention.ts'
import { embedding } from '../../nn/embedding.ts'
import { feedForward } from '../../nn/feed-forward.ts'
import { initialize } from '../../nn/initialize.ts'
import { linear } from '../../nn/linear.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { sequential } from '../../nn/sequential.ts'
import { norms, placements, skips } from '../../nn/wiring/tables.ts'
import { wire } from '../../nn/wiring/wire.ts'
import type { Wiring } from '../../nn/wiring/wiring.ts'
import { sgd } from '../../optim/sgd.ts'
import { random } from '../../random.ts'
import { LocalEngine } from '../../runtime/node/local.ts'
import { evaluate } from '../../runtime/reference.ts'
import { type HostTensor, tensor } from '../../tensor.ts'
import { Session } from '../session.ts'
import { type DecodeSize, decodeProgram } from './decode-program.ts'
import { Decoder } from './decoder.ts'
import { type TokenEvent, type TokenOptions, tokens } from './generate.ts'
import { argMax } from './sampling.ts'
import { windowStart } from './window.ts'

const context = 12
const vocabulary = 11
const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

async function sessionOf(net: Layer, source = 0): Promise<Session> {
  const engine = await LocalEngine.create(1, true)
  engines.push(engine)
  const example = (time: number) => ({ dtype: 'int32', shape: [time] }) as const
  const recipe = {
    net,
    inputs: example(source + context),
    targets: example(context),
    loss: crossEntropy,
    optimizer: sgd({ learningRate: 0 }),
  }
  const session = new Session({ ...recipe, metrics: {} }, engine, 4)
  await session.initialize()
  return session
}

const small: GptOptions = { layers: 2, heads: 2, width: 8, vocabulary, wiring: { norm: 'rms', placement: 'pre' } }
const prompt = (length: number, seed = 1): Int32Array => {
  const source = random(seed, 'prompt')
  return Int32Array.from({ length }, () => source.below(vocabulary))
}

/** Logits of the token after `ids`, by a forward pass over the window that the model then sees. */
async function withoutCache({ recipe, engine }: Session, ids: Int32Array): Promise<Float64Array> {
  const seen = ids.subarray(windowStart(ids.length, context))
  const { output, parameters, states } = trace(recipe.net, 'int32', [1, seen.length], 'evaluate')
  const weights = await engine.read([...parameters.keys(), ...states.keys()])
  const feeds = { ...weights, inputs: tensor(seen, [1, seen.length]) }
  const { data } = evaluate(graph({ output }), feeds).output!
  return Float64Array.from(data.subarray((seen.length - 1) * vocabulary))
}

async function all(events: AsyncGenerator<TokenEvent>): Promise<TokenEvent[]> {
  const found: TokenEvent[] = []
  for await (const event of events) found.push(event)
  return found
}

async function written(session: Session, prompts: readonly Int32Array[], options: TokenOptions): Promise<number[][]> {
  const events = await all(tokens(session, { prompts }, options))
  return prompts.map((_, row) => {
    return events.flatMap((event) => (event.type === 'token' && event.row === row ? [event.token] : []))
  })
}

const trunks: readonly (readonly [string, Partial<GptOptions>])[] = [
  ['learned positions', {}],
  [
    'rotary, grouped heads, gated, tied',
    { positions: 'rotary', heads: 4, keyValueHeads: 2, feedForward: 'gated', tied: true, bias: false },
  ],
  ['sinusoidal positions, soft cap', { positions: 'sinusoidal', softcap: 3, width: 16, layers: 3 }],
  [
    'scaled rotary, a size of its own',
    {
      positions: 'rotary',
      headSize: 6,
      rotary: { scaling: { type: 'llama3', factor: 8, low: 1, high: 4, context: 6 } },
    },
  ],
  ['no positions, QK-norm', { positions: 'none', wiring: { norm: 'rms', placement: 'pre', qkNorm: true } }],
]

describe.each(trunks)('greedy tokens with %s', (_, change) => {
  test('are those of a forward pass without a cache, also past the context', async () => {
    const session = await sessionOf(gpt({ ...small, context, ...change }))
    let ids = prompt(5)
    const expected: number[] = []
    for (let i = 0; i < 20; i++) {
      const next = argMax(await withoutCache(session, ids))
      expected.push(next)
      ids = Int32Array.of(...ids, next)
    }
    expect(await written(session, [prompt(5)], { tokens: 20, temperature: 0 })).toEqual([expected])
    expect(new Set(expected).size).toBeGreaterThan(1)
  })
})

test('logits are the same at every point at which a sequence is cut in two', async () => {
  const session = await sessionOf(gpt({ ...small, context, positions: 'rotary', heads: 4, keyValueHeads: 1 }))
  const ids = prompt(context)
  const whole = await withoutCache(session, ids)
  for (let cut = 1; cut < context; cut++) {
    const decoder = new Decoder(session, { batch: 1, context, room: context })
    await decoder.next([ids.subarray(0, cut)])
    const [logits] = await decoder.next([ids])
    await decoder.close()
    logits!.forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 4))
  }
})

test('sequences of different lengths side by side are what each is alone', async () => {
  const session = await sessionOf(gpt({ ...small, context, positions: 'rotary' }))
  const prompts = [prompt(3), prompt(7, 2), prompt(1, 3)]
  const together = await written(session, prompts, { tokens: 14, temperature: 0 })
  for (const [i, one] of prompts.entries())
    expect(await written(session, [one], { tokens: 14, temperature: 0 })).toEqual([together[i]])
})

test('the same seed draws the same tokens, another seed others', async () => {
  const session = await sessionOf(gpt({ ...small, context }))
  const draw = (seed: number): Promise<number[][]> => written(session, [prompt(2)], { tokens: 30, seed })
  expect(await draw(1)).toEqual(await draw(1))
  expect(await draw(1)).not.toEqual(await draw(2))
})

const size: Omit<DecodeSize, 'capacity' | 'time'> = {
  ...{ batch: 1, context, source: 0 },
  ...{ first: true, reorder: false, constant: false },
}

/** Logits of the last of `ids`, of which `cut` go through the caches first; by the reference. */
function inTwoParts(net: Layer, ids: Int32Array, cut: number): Float64Array {
  const states: Record<string, HostTensor> = {}
  let logits = new Float64Array()
  for (const [from, to] of [
    [0, cut],
    [cut, ids.length],
  ] as const) {
    const time = to - from
    const program = decodeProgram(net, { ...size, time, capacity: cut })
    for (const [name, { shape }] of Object.entries(program.states))
      states[name] ??= tensor(new Float64Array(shape.reduce((a, b) => a * b, 1)), shape)
    const { parameters, states: running } = trace(net, 'int32', [1, ids.length], 'evaluate')
    const feeds = {
      ...initialize([...parameters.values(), ...running.values()], 3),
      ...states,
      inputs: tensor(ids.slice(from, to), [1, time]),
      positions: tensor(
        Int32Array.from({ length: time }, (_, i) => from + i),
        [1, time],
      ),
      keep: tensor(
        Uint8Array.from({ length: cut + time }, (_, i) => Number(i >= cut || from > 0)),
        [1, cut + time],
        'bool',
      ),
      rows: tensor(Int32Array.of(time - 1), [1]),
    }
    const outputs = evaluate(program.graph, feeds)
    for (const [output, { state }] of Object.entries(program.spec.appends ?? {})) states[state] = outputs[output]!
    logits = Float64Array.from(outputs.logits!.data)
  }
  return logits
}

const wirings: Wiring[] = [
  ...Object.keys(skips).map((skip): Wiring => ({ skip, norm: 'layer', placement: 'pre' })),
  ...Object.keys(norms).map((norm): Wiring => ({
    norm: norm === 'group' ? { name: 'group', groups: 2 } : norm,
    placement: norm === 'hypersphere' ? 'geodesic' : 'pre',
  })),
  ...Object.keys(placements).map((placement): Wiring => ({
    norm: placement === 'geodesic' ? 'hypersphere' : 'layer',
    placement,
  })),
]

test.each(wirings.map((wiring) => [JSON.stringify(wiring), wiring] as const))(
  'the wiring %s decodes token by token to the same, or is refused',
  (_, wiring) => {
    const ids = prompt(6)
    const block = { attention: attention({ heads: 2, causal: true }), mlp: feedForward({ hidden: 16 }) }
    let net: Layer
    try {
      net = sequential(
        embedding({ vocabulary, width: 8 }),
        wire([block, block, block, block], wiring),
        linear(vocabulary),
      )
      trace(net, 'int32', [1, ids.length], 'evaluate')
    } catch {
      return // this net cannot be, see the full product
    }
    const { output, parameters, states } = trace(net, 'int32', [1, ids.length], 'evaluate')
    const feeds = {
      ...initialize([...parameters.values(), ...states.values()], 3),
      inputs: tensor(ids, [1, ids.length]),
    }
    const whole = evaluate(graph({ output }), feeds).output!.data.slice(-vocabulary)
    let parted: Float64Array
    try {
      parted = inTwoParts(net, ids, 3)
    } catch (error) {
      expect(String(error)).toMatch(/cannot decode token by token/)
      return
    }
    parted.forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 9))
  },
)

test('an encoder reads its source once; its decoder goes on token by token', async () => {
  const source = prompt(4)
  const net = transformer({ kind: 'encoderDecoder', depth: 2, width: 8, heads: 2, vocabulary, source: 4, padding: 0 })
  const session = await sessionOf(net, 4)
  const weights = await session.engine.read([...session.traced.parameters.keys()])
  const next = (ids: Int32Array): number => {
    const padded = new Int32Array(4 + context)
    padded.set(source)
    padded.set(ids, 4)
    const { output } = trace(net, 'int32', [1, padded.length], 'evaluate')
    const { data } = evaluate(graph({ output }), { ...weights, inputs: tensor(padded, [1, padded.length]) }).output!
    return argMax(data.subarray((ids.length - 1) * vocabulary, ids.length * vocabulary))
  }
  let ids = Int32Array.of(1)
  for (let i = 0; i < 8; i++) ids = Int32Array.of(...ids, next(ids))
  const events = await all(
    tokens(session, { prompts: [Int32Array.of(1)], sources: [source] }, { tokens: 8, temperature: 0 }),
  )
  expect(events.flatMap((event) => (event.type === 'token' ? [event.token] : []))).toEqual([...ids].slice(1))
})

test('padding, which no token sees, is refused in a prompt and never drawn', async () => {
  const session = await sessionOf(gpt({ ...small, context, padding: 0 }))
  await expect(written(session, [Int32Array.of(1, 0, 2)], { tokens: 1 })).rejects.toThrow(/token 0 fills up sequences/)
  const [drawn] = await written(session, [Int32Array.of(1, 2)], { tokens: 200, temperature: 5 })
  expect(drawn).toHaveLength(200)
  expect(drawn).not.toContain(0)
})
